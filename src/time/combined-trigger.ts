/** Reads the stored form of combinations: `and` fires at common instants, `or` at any member's. */

import { InvalidInputError } from "../kernel/errors.ts";
import { BuiltTrigger } from "./built-trigger.ts";
import { intersectionOf } from "./combined-and.ts";
import { unionOf } from "./combined-or.ts";
import { defaultZone } from "./cron-trigger.ts";
import { joinWords } from "./describe-duration.ts";
import { IntervalSeries } from "./interval-series.ts";
import {
  readWindow,
  refuseMissing,
  refuseUnknownFields,
  type SpecRecord,
  windowFields,
  windowSpec,
} from "./spec-reader.ts";
import { triggerError } from "./trigger-error.ts";
import { zoneTable } from "./zone-table.ts";

/** The most members of one combination. */
const memberCountMax = 32;
/** How deep combinations may hold combinations. */
const depthMax = 8;

/** How a combination reads its members without knowing their kinds. */
export interface MemberReading {
  readonly kind: "and" | "or";
  readonly depth: number;
  readonly build: (spec: unknown, depth: number) => BuiltTrigger;
}

/**
 * A combination from its stored form. Errors of members name the field as `triggers[1].everyMs`.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function readCombinedTrigger(record: SpecRecord, reading: MemberReading): BuiltTrigger {
  refuseUnknownFields(record, ["kind", "triggers", ...windowFields]);
  const { kind } = reading;
  const members = readMembers(record["triggers"], reading);
  const window = readWindow(record, zoneTable(defaultZone));
  const separator = kind === "and" ? "at the instants common to: " : "at each of: ";
  return new BuiltTrigger({
    spec: { kind, triggers: members.map(({ spec }) => spec), ...windowSpec(window) },
    core: kind === "and" ? intersectionOf(members) : unionOf(members),
    window,
    describe: () => separator + joinWords(members.map((member) => `(${member.describe()})`)),
  });
}

function readMembers(
  input: unknown,
  { kind, depth, build }: MemberReading,
): readonly BuiltTrigger[] {
  if (input === undefined) refuseMissing("triggers");
  if (!Array.isArray(input)) {
    throw triggerError({
      field: "triggers",
      expression: input,
      reasonCode: "wrong_type",
      reason: "must be an array of triggers",
    });
  }
  if (input.length === 0 || input.length > memberCountMax || depth >= depthMax) {
    throw triggerError({
      field: "triggers",
      expression: input.length,
      reasonCode: "out_of_range",
      reason: `must hold 1 to ${memberCountMax} triggers, at most ${depthMax} levels deep`,
    });
  }
  return input.map((member: unknown, index) => {
    const built = naming(`triggers[${index}]`, () => build(member, depth + 1));
    if (built.core instanceof IntervalSeries && built.core.anchorAt === undefined) {
      throw triggerError({
        field: `triggers[${index}].anchorAt`,
        expression: undefined,
        reasonCode: "unanchored_member",
      });
    }
    if (kind === "and" && built.window.jitterMs > 0) {
      throw triggerError({
        field: `triggers[${index}].jitterMs`,
        expression: built.window.jitterMs,
        reasonCode: "jittered_member",
      });
    }
    return built;
  });
}

/** Puts the member's place before the field that an error names. */
function naming<Result>(place: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const inner = cause.details["field"];
    const field = typeof inner === "string" ? `${place}.${inner}` : place;
    throw new InvalidInputError(cause.code, `${place}.${cause.message}`, {
      details: { ...cause.details, field },
      cause,
    });
  }
}
