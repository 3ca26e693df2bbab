/** Triggers one by one: read, added, changed, removed, and what was decided of their fire times. */

import type { TriggerId } from "../../kernel/ids.ts";
import { type Occurrence, occurrenceVerdicts } from "../../model/firing.ts";
import type { TaskTrigger } from "../../model/task.ts";
import { idOf, instantOf, optionalId, optionalText, type Row, wordOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeTrigger, triggerColumns } from "./task-rows.ts";
import { insertedColumns, insertedValues, newTriggerColumns } from "./trigger-columns.ts";

/** Decisions on the fire times of a trigger, newest first. $1 trigger, $2 before, $3 limit. */
export const listOccurrences: Statement<Occurrence> = statement(
  "list_occurrences",
  `select trigger_id, fire_at, verdict, reason, run_id, decided_at
from {schema}.occurrence
where trigger_id = $1 and fire_at < coalesce($2::timestamptz, 'infinity')
order by fire_at desc
limit $3`,
  (row: Row): Occurrence => ({
    triggerId: idOf(row, "trigger_id"),
    fireAt: instantOf(row, "fire_at"),
    verdict: wordOf(row, "verdict", occurrenceVerdicts),
    reason: optionalText(row, "reason"),
    runId: optionalId(row, "run_id"),
    decidedAt: instantOf(row, "decided_at"),
  }),
);

/** A trigger by id. */
export const findTrigger: Statement<TaskTrigger> = statement(
  "find_trigger",
  `select ${triggerColumns("trigger")} from {schema}.trigger where id = $1`,
  decodeTrigger,
);

/**
 * Changes a trigger of a locked task. $1 id, $2 the new values as JSON, $3 now, $4 channel.
 */
export const changeTrigger: Statement<undefined> = command(
  "change_trigger",
  `with changed as (
  update {schema}.trigger
  set spec = wanted.spec, next_fire_at = wanted.next_fire_at, interval_ms = wanted.interval_ms,
    misfire_grace_ms = wanted.misfire_grace_ms, max_instances = wanted.max_instances,
    coalesce_rule = wanted.coalesce_rule, overlap = wanted.overlap,
    paused_at = case when wanted.paused
      then coalesce(trigger.paused_at, $3::timestamptz, clock_timestamp()) end
  from jsonb_to_record($2::jsonb) as wanted (${newTriggerColumns})
  where trigger.id = $1
  returning trigger.id
)
select pg_notify($4, 'fire') from changed`,
);

/** Adds triggers to the locked task $1. $2 a JSON array, $3 now, $4 channel. */
export const addTrigger: Statement<TriggerId> = statement(
  "add_trigger",
  `with added as (
  insert into {schema}.trigger (task_id, ${insertedColumns})
  select $1, ${insertedValues({ from: "wanted", now: "clock.now" })}
  from (select coalesce($3::timestamptz, clock_timestamp()) as now) as clock
  cross join jsonb_to_record($2::jsonb) as wanted (${newTriggerColumns})
  returning id
)
select added.id, pg_notify($4, 'fire') from added`,
  (row: Row): TriggerId => idOf(row, "id"),
);

/** Deletes a trigger of a locked task; its history stays. $1 id. */
export const removeTrigger: Statement<undefined> = command(
  "remove_trigger",
  "delete from {schema}.trigger where id = $1",
);
