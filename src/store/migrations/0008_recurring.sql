-- Recurring tasks write less.
-- Survives workers of earlier releases: nothing that they name has changed. They cannot end runs
-- of tasks while the indexes below are made, for as long as reading the table of tasks takes;
-- leases go on meanwhile.

-- Many tasks that are due at once end a run at once, a page of them in one statement: their next
-- versions fit beside them, and none has to go elsewhere, with new entries in each index. Existing
-- pages stay as they are.
alter table task set (fillfactor = 47);
-- Versions of a trigger need new entries in any case, but not another page.
alter table trigger set (fillfactor = 50);

-- Few tasks have a key, and few undo another one: those that do not are in neither index.
alter table task drop constraint task_key_key, drop constraint task_undoes_id_key;
create unique index task_key_key on task (key) where key is not null;
create unique index task_undoes_id_key on task (undoes_id) where undoes_id is not null;
