/**
 * The books of a chaos test, kept by the database itself: a trigger writes down each claim that is
 * given, in the transaction that gives it, so that the history can be held against it afterwards
 * whatever became of the processes.
 */

import type { TestRow } from "../postgres/database.ts";

/** Runs a statement; connection and parameters as in `TestDatabase`. */
export type Query = (sql: string, params?: readonly unknown[]) => Promise<readonly TestRow[]>;

const books = `
create schema audit;
create table audit.given_claim (
  fence bigint primary key,
  worker_id bigint not null,
  run_ids bigint[] not null,
  -- As it was when the claim was forgotten.
  last_expires_at timestamptz
);
-- Grants that were given back before they had begun.
create table audit.returned (run_id bigint not null, fence bigint not null);
create table audit.queued (run_id bigint primary key);
create table audit.killed (worker_id bigint primary key, at timestamptz not null);
create table audit.effect (
  run_id bigint primary key,
  attempt integer not null,
  fence bigint not null
);
create table audit.node_start (
  task_id bigint not null,
  fence bigint not null,
  at timestamptz not null default clock_timestamp()
);
create table audit.refused_effect (run_id bigint, fence bigint, held_fence bigint);
create table audit.heartbeat (worker_id bigint primary key, longest_pause interval not null);
create function audit.note_heartbeat() returns trigger language plpgsql as $$
begin
  insert into audit.heartbeat as noted values (new.id, new.heartbeat_at - old.heartbeat_at)
  on conflict (worker_id) do update
  set longest_pause = greatest(noted.longest_pause, excluded.longest_pause);
  return new;
end
$$;
-- The first sign of life comes when the worker has got up, however long that takes.
create trigger note_heartbeat after update of heartbeat_at on orrery.worker
  for each row when (old.heartbeat_at > old.started_at) execute function audit.note_heartbeat();
create function audit.note_claim() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into audit.given_claim (fence, worker_id, run_ids)
    values (new.fence, new.worker_id, new.run_ids);
    return new;
  end if;
  update audit.given_claim set last_expires_at = old.expires_at where fence = old.fence;
  return old;
end
$$;
create function audit.note_return() returns trigger language plpgsql as $$
begin
  insert into audit.returned (run_id, fence) values (new.id, new.fence);
  return null;
end
$$;
create trigger note_return after update on orrery.run
  for each row when (new.attempt < old.attempt) execute function audit.note_return();
create trigger note_claim after insert or delete on orrery.claim
  for each row execute function audit.note_claim()`;

/** Adds the books to a migrated, empty database. */
export async function openBooks(query: Query): Promise<void> {
  await query(books);
}

const attempts = `attempts as (
  select run_id, attempt, fence, worker_id, final, outcome, state from orrery.attempt
),
granted as (
  select fence, worker_id, unnest(run_ids) as run_id from audit.given_claim
)`;

/** Each with a statement that answers what breaks it. */
const laws: Readonly<Record<string, string>> = {
  "every queued run has ended, exactly once, and no other has": `
    select run_id, count(queued.run_id) as queued, count(attempts.run_id) as ended
    from audit.queued full join (select * from attempts where final) as attempts using (run_id)
    group by run_id
    having count(queued.run_id) <> 1 or count(attempts.run_id) <> 1`,
  "every run has succeeded": `
    select run_id, state, outcome from attempts where final and state <> 'succeeded'`,
  "no attempt has two results": `
    select run_id, attempt from attempts group by run_id, attempt having count(*) > 1`,
  "attempts are counted from one without gaps": `
    select run_id from attempts group by run_id
    having min(attempt) <> 1 or max(attempt) <> count(*)`,
  "every result came under a claim that was given, from the worker that it was given to": `
    select attempts.* from attempts left join granted using (run_id, fence)
    where granted.fence is null or granted.worker_id <> attempts.worker_id`,
  "every grant of a run has one result, or was given back and has none": `
    select granted.*
    from granted
    left join attempts using (run_id, fence)
    left join audit.returned using (run_id, fence)
    where (attempts.run_id is null) <> (returned.run_id is not null)`,
  "later attempts have larger tokens": `
    select * from (
      select *, lag(fence) over (partition by run_id order by attempt) as before from attempts
    ) as ordered
    where before >= fence`,
  "the last attempt ends the run": `
    select run_id from attempts group by run_id
    having max(attempt) <> max(attempt) filter (where final)`,
  "the effect of a run is that of its last attempt": `
    select effect.* from audit.effect
    left join attempts on attempts.run_id = effect.run_id and attempts.final
    where attempts.fence is distinct from effect.fence
      or attempts.attempt is distinct from effect.attempt`,
  "no attempt has its effect twice": `
    select * from audit.refused_effect where fence = held_fence`,
  "every run with an effect has had it": `
    select attempts.run_id
    from attempts
    join orrery.attempt as ended using (run_id, attempt)
    join orrery.task_type on task_type.id = ended.type_id
    left join audit.effect on effect.run_id = attempts.run_id
    where attempts.final and task_type.name not in ('chaos.noop', '(pass)')
      and effect.run_id is null`,
  "nothing is left of a run that has ended": `
    select 'run' as what, id from orrery.run
    union all select 'claim', fence from orrery.claim
    union all select 'progress', run_id from orrery.run_progress`,
};

/** A law that was broken, with some of the rows that break it. */
export interface Breach {
  readonly law: string;
  readonly rows: readonly TestRow[];
}

/** The laws that the database breaks; all of them hold once every run has ended. */
export async function auditRuns(query: Query): Promise<readonly Breach[]> {
  const breaches: Breach[] = [];
  for (const [law, broken] of Object.entries(laws)) {
    const rows = await query(`with ${attempts} select * from (${broken}) as broken limit 5`);
    if (rows.length > 0) breaches.push({ law, rows });
  }
  return breaches;
}
