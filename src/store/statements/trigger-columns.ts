/** How a new or changed trigger is passed to a statement: the fields of its JSON. */

/** The record that `jsonb_to_record` and `jsonb_to_recordset` make of it. */
export const newTriggerColumns = `spec jsonb, next_fire_at timestamptz,
    interval_ms double precision, misfire_grace_ms double precision, max_instances integer,
    coalesce_rule {schema}.coalesce_rule, overlap {schema}.overlap_policy, paused boolean`;

/** The columns that an insert fills. */
export const insertedColumns = `spec, next_fire_at, interval_ms, misfire_grace_ms, max_instances,
    coalesce_rule, overlap, paused_at`;

/** Their values, out of the record under the alias `from`, with `now` as the time of a pause. */
export function insertedValues({
  from,
  now,
}: {
  readonly from: string;
  readonly now: string;
}): string {
  return `${from}.spec, ${from}.next_fire_at, ${from}.interval_ms, ${from}.misfire_grace_ms,
    ${from}.max_instances, ${from}.coalesce_rule, ${from}.overlap,
    case when ${from}.paused then ${now} end`;
}
