/**
 * Looks at a trigger without storing it: when it fires, what clock changes do to it, and what the
 * other cron dialect makes of the same text. Pure; the record it answers is what `--json` prints.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import { addMillis, formatInstant, type Instant, instantMax } from "../kernel/instant.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { CalendarTriggerSpec } from "../model/task.ts";
import { clockChangesOf } from "../time/clock-changes.ts";
import { formatLocal } from "../time/local-time.ts";
import { floorSecondsOf } from "../time/seconds.ts";
import type { OccurrenceNote, Trigger } from "../time/firing.ts";
import type { TriggerSpec } from "../time/trigger-spec.ts";
import { triggerFromSpec } from "../time/trigger.ts";
import { zoneTable } from "../time/zone-table.ts";

/** The two ways to read a cron expression. */
export type CronDialect = "aps" | "vixie";

/** A rule as it was typed. */
export interface CheckedRule {
  /** The form that is to be read. */
  readonly spec: JsonObject;
  /** The cron text with its dialect, where it is one. */
  readonly cron?: { readonly text: string; readonly dialect: CronDialect };
}

/** Where to look from, and how far. */
export interface CheckScope {
  readonly from: Instant;
  readonly count: number;
  /** The zone of local readings, for rules that have none of their own. */
  readonly zone: string;
}

/** One fire time. */
export interface CheckedOccurrence {
  /** UTC. */
  readonly at: string;
  /** What the zone's clock shows, with its offset. */
  readonly local: string;
  /** What a clock change did to it. */
  readonly note: OccurrenceNote | null;
  /** The local time that the note is about. */
  readonly noteLocal: string | null;
}

/** A clock change that touches the rule. */
export interface CheckedClockChange {
  readonly at: string;
  readonly zone: string;
  /** Milliseconds by which the clock is set: forward above 0, back below. */
  readonly shiftMs: number;
  /** At most 100. */
  readonly occurrences: readonly CheckedOccurrence[];
}

/** What the other dialect makes of the same text. */
export type OtherDialect =
  | { readonly dialect: CronDialect; readonly result: "same"; readonly description: string }
  | {
      readonly dialect: CronDialect;
      readonly result: "different";
      readonly description: string;
      readonly occurrences: readonly CheckedOccurrence[];
    }
  | {
      readonly dialect: CronDialect;
      readonly result: "refused";
      readonly field: string;
      readonly reason: string;
      readonly reasonCode: string;
    };

/** All that there is to say about a rule. */
export interface TriggerCheck {
  /** The canonical stored form. */
  readonly spec: TriggerSpec;
  readonly description: string;
  /** The zone of the local readings. */
  readonly zone: string;
  /** Fire times are later than this. */
  readonly from: string;
  readonly occurrences: readonly CheckedOccurrence[];
  /** Clock changes are looked for up to here. */
  readonly clockChangesTo: string;
  readonly clockChanges: readonly CheckedClockChange[];
  /** Null for what is no cron text. */
  readonly otherDialect: OtherDialect | null;
}

/** Clock changes are looked for over two years, in milliseconds. */
const clockChangeMs = 731 * 86_400_000;
/** Fire times in a row by which two readings of a text count as the same. */
const comparedCount = 1_000;

/**
 * Checks a rule.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` `ORR_INPUT_ZONE`; when the other dialect would take
 * the text, `details.hint` says so
 */
export function checkTrigger(rule: CheckedRule, scope: CheckScope): TriggerCheck {
  const trigger = readRule(rule);
  const { spec } = trigger;
  const zone = spec.kind === "cron" || spec.kind === "calendar" ? spec.zone : scope.zone;
  const { name } = zoneTable(zone);
  const until = scope.from + BigInt(clockChangeMs) * 1000n;
  const to = until < instantMax ? addMillis(scope.from, clockChangeMs) : instantMax;
  return {
    spec,
    description: trigger.describe(),
    zone: name,
    from: formatInstant(scope.from),
    occurrences: nextOf(trigger, { ...scope, zone: name }),
    clockChangesTo: formatInstant(to),
    clockChanges: clockChangesOf(trigger, { from: scope.from, to }).map((change) => ({
      at: formatInstant(change.at),
      zone: change.zone,
      shiftMs: change.shiftMs,
      occurrences: change.occurrences.map((each) => shownOccurrence(each, change.zone)),
    })),
    otherDialect: otherDialectOf(rule, { ...scope, zone: name }, trigger),
  };
}

function readRule(rule: CheckedRule): Trigger {
  try {
    return triggerFromSpec(rule.spec);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    const other = otherReading(rule);
    if (other?.trigger === undefined) throw thrown;
    const hint = `the ${other.dialect} dialect would take it: ${other.trigger.describe()}`;
    throw new InvalidInputError(thrown.code, thrown.message, {
      details: { ...thrown.details, hint },
      cause: thrown,
    });
  }
}

/** The same text in the other dialect: a trigger, or why it is refused. */
function otherReading({ spec, cron }: CheckedRule):
  | {
      readonly dialect: CronDialect;
      readonly trigger?: Trigger;
      readonly refusal?: InvalidInputError;
    }
  | undefined {
  if (cron === undefined) return undefined;
  const dialect = cron.dialect === "aps" ? "vixie" : "aps";
  const { zone, clockChange } = spec;
  const shared = { zone: zone ?? "UTC", clockChange: clockChange ?? "match" };
  try {
    return { dialect, trigger: triggerFromSpec({ ...shared, ...cronSpecOf(cron.text, dialect) }) };
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return { dialect, refusal: thrown };
    throw thrown;
  }
}

function otherDialectOf(
  rule: CheckedRule,
  scope: CheckScope,
  trigger: Trigger,
): OtherDialect | null {
  const other = otherReading(rule);
  if (other === undefined) return null;
  const { dialect, refusal } = other;
  if (other.trigger === undefined) {
    const of = (name: string): string => {
      const value = refusal?.details[name];
      return typeof value === "string" ? value : "";
    };
    const [field, reason, reasonCode] = [of("field"), of("reason"), of("reasonCode")];
    return { dialect, result: "refused", field, reason, reasonCode };
  }
  const description = other.trigger.describe();
  if (fireSame(trigger, other.trigger, scope.from)) return { dialect, result: "same", description };
  return { dialect, result: "different", description, occurrences: nextOf(other.trigger, scope) };
}

function fireSame(left: Trigger, right: Trigger, from: Instant): boolean {
  const [these, those] = [left, right].map((each) => each.between(from, instantMax, comparedCount));
  return (
    these?.length === those?.length &&
    these?.every(({ at }, index) => at === those?.[index]?.at) === true
  );
}

function nextOf(trigger: Trigger, scope: CheckScope): readonly CheckedOccurrence[] {
  return trigger
    .between(scope.from, instantMax, scope.count)
    .map((each) => shownOccurrence(each, scope.zone));
}

function shownOccurrence(
  occurrence: ReturnType<Trigger["between"]>[number],
  zone: string,
): CheckedOccurrence {
  return {
    at: formatInstant(occurrence.at),
    local: localText(occurrence.at, zone),
    note: occurrence.note ?? null,
    noteLocal: occurrence.local ?? null,
  };
}

/** `2027-03-14T03:00:00-04:00`; with six digits where it is no whole second. */
function localText(at: Instant, zone: string): string {
  const second = floorSecondsOf(at);
  const { offset } = zoneTable(zone).pieceAt(second);
  const fraction = formatInstant(at).slice(19, 26);
  const shown = fraction === ".000000" ? "" : fraction;
  return `${formatLocal(second + offset)}${shown}${offsetText(offset)}`;
}

/** Offsets were no whole minutes until zones came: those are shown with their seconds. */
function offsetText(offset: number): string {
  const seconds = Math.abs(offset);
  const parts = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, "0"),
  );
  return (offset < 0 ? "-" : "+") + (parts[2] === "00" ? parts.slice(0, 2) : parts).join(":");
}

/**
 * The stored form of a cron text, to be read by `triggerFromSpec`. In the `aps` dialect it may
 * also be fields by name, as in `hour=3 day=last fri`.
 */
export function cronSpecOf(text: string, dialect: CronDialect): CalendarTriggerSpec {
  if (dialect === "vixie" || !text.includes("=")) {
    return { kind: "cron", dialect, expression: text.trim() };
  }
  const fields = text
    .trim()
    // Values may hold blanks, names do not.
    .split(/\s+(?=\w+=)/)
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name, value.join("=")] as const;
    });
  return { kind: "cron", dialect, fields: Object.fromEntries(fields) };
}
