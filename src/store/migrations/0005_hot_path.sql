-- The hot path writes less.
-- Survives workers of earlier releases: nothing that they name has changed.

-- A claim takes the runs of a page all at once, and their next versions fit beside them: none has
-- to go elsewhere, with new entries in each index. Existing pages stay as they are.
alter table run set (fillfactor = 47);

-- A thousand ids, compressed, cost as much as the thousand runs beside them.
alter table claim alter column run_ids set storage external;

-- Progress goes with its run, asked for once for each statement and not once for each run. A
-- trigger sees what was written while the statement waited for its locks.
alter table run_progress drop constraint run_progress_run_id_fkey;
create function delete_progress_of_runs() returns trigger
language plpgsql set search_path from current as $$
begin
  delete from run_progress where run_id = any (array (select id from gone));
  return null;
end
$$;
create trigger run_progress_of_runs after delete on run
  referencing old table as gone for each statement execute function delete_progress_of_runs();
