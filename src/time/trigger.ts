/**
 * The door of this room: makes a trigger of its stored form, or of whatever a user sent in its
 * place. Everything is validated; what comes out is canonical.
 */

import type { BuiltTrigger } from "./built-trigger.ts";
import { readCalendarTrigger } from "./calendar-trigger.ts";
import { readCombinedTrigger } from "./combined-trigger.ts";
import { readCronTrigger } from "./cron-trigger.ts";
import { readDateTrigger } from "./date-trigger.ts";
import type { Trigger } from "./firing.ts";
import { readIntervalTrigger } from "./interval-trigger.ts";
import { nearestWord } from "./nearest-word.ts";
import { readRecord, refuseMissing } from "./spec-reader.ts";
import { triggerError } from "./trigger-error.ts";

export type { FireSeries, Occurrence, OccurrenceNote, Trigger } from "./firing.ts";
export type { TriggerSpec } from "./trigger-spec.ts";

/** The kinds of trigger. */
const triggerKinds: readonly string[] = ["cron", "interval", "date", "calendar", "and", "or"];

/**
 * A trigger from its stored form. Defaults may be left out of the input (`zone`, `clockChange`);
 * the trigger's `spec` has them filled in and gives an equal trigger again.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` or `ORR_INPUT_ZONE`, with `details.field`,
 * `details.expression`, `details.reason` and the stable `details.reasonCode`
 */
export function triggerFromSpec(spec: unknown): Trigger {
  return buildTrigger(spec, 0);
}

function buildTrigger(spec: unknown, depth: number): BuiltTrigger {
  const record = readRecord(spec, "trigger");
  const kind = record["kind"];
  switch (kind) {
    case "cron":
      return readCronTrigger(record);
    case "interval":
      return readIntervalTrigger(record);
    case "date":
      return readDateTrigger(record);
    case "calendar":
      return readCalendarTrigger(record);
    case "and":
    case "or":
      return readCombinedTrigger(record, { kind, depth, build: buildTrigger });
    case undefined:
      return refuseMissing("kind", { reason: `must be one of ${triggerKinds.join(", ")}` });
    default:
      throw triggerError({
        field: "kind",
        expression: kind,
        reasonCode: "unknown_kind",
        reason: `the nearest kind is ${nearestWord(String(kind), triggerKinds)}`,
      });
  }
}
