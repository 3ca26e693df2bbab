-- The order of the queue is in an index that nothing else can be looked up in.
-- Survives workers of earlier releases: they sort what comes at one instant by themselves.

-- While an old transaction is open a queue that is busy and empty holds millions of dead rows and
-- hardly a live one. Then the planner thinks that any index can be read whole for nothing, and
-- looked for runs by their ids in this one, from end to end. An expression does not match an id.
create index run_ready_order on run (type_id, priority, ready_at, (id + 0));
drop index run_ready;
alter index run_ready_order rename to run_ready;
