-- A choice of visits in one statement: whoever changes a place raises the version of its origin, so
-- that a choice that was under way knows that what it has seen is old.
-- Workers of earlier releases must stop using the frontier first: they move places, and share
-- origins, without saying so here.
--
-- Locks, from now on: a place changes only in the hands of whoever has locked its origin's row, and
-- whoever does so raises place_version. Those who wait for origins add and lock them in one pass,
-- in the order of URL and type; choices and promotions pass over what is locked. Then no two wait
-- for each other.

alter table origin
  add column place_version integer not null default 0,
  -- Whether it may have more than one place.
  add column is_shared boolean not null default false;

update origin
set is_shared = true
where id in (select origin_id from listing group by origin_id having count(*) > 1);
