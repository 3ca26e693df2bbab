/**
 * Every vector of `apscheduler/` against the triggers. What each file holds and which of a case's
 * answers is the expected one is said in the README beside the data. The reference is asked with
 * "now" and the previous fire; here that is one instant after which to search.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assert } from "../../src/kernel/assert.ts";
import { InvalidInputError } from "../../src/kernel/errors.ts";
import { isRecord } from "../../src/kernel/json.ts";
import {
  formatInstant,
  type Instant,
  instantFromMicros,
  instantFromMillis,
  millisOf,
  parseInstant,
} from "../../src/kernel/instant.ts";
import { firstFire } from "../../src/time/first-fire.ts";
import { intervalMsOf, type IntervalUnits } from "../../src/time/interval-trigger.ts";
import { instantOfApsText } from "../../src/time/time-text.ts";
import { type Trigger, triggerFromSpec } from "../../src/time/trigger.ts";
import { zoneTable } from "../../src/time/zone-table.ts";

/** `[text, epoch milliseconds]`, or null for the end of the schedule. */
type Fire = readonly [string, number] | null;

interface Member {
  readonly kind: string;
  readonly fields?: Readonly<Record<string, string | number>>;
  readonly run_date?: string;
  readonly start_date?: string | null;
  readonly end_date?: string | null;
}

interface Case extends Member {
  readonly id: string;
  readonly expr?: string;
  readonly triggers?: readonly Member[];
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly timezone: string;
  /** With microseconds, which `now_ms` lacks. */
  readonly now: string;
  readonly previous_ms?: number | null;
  readonly next?: Fire;
  readonly count: number;
  readonly fires: readonly Fire[];
  readonly civil?: readonly Fire[];
  readonly civil_error?: { readonly field: string };
  readonly error?: { readonly message: string; readonly field?: string };
  readonly standard_cron?: readonly Fire[] | "invalid";
}

/** The data are ours, so their shape is taken as it is declared. */
function isSuite(data: unknown): data is { readonly cases: readonly Case[] } {
  return isRecord(data) && Array.isArray(data["cases"]);
}

function casesOf(suite: string): readonly Case[] {
  const file = new URL(`./apscheduler/${suite}.json`, import.meta.url);
  const data: unknown = JSON.parse(readFileSync(file, "utf8"));
  assert(isSuite(data), `${suite} holds cases`);
  return data.cases;
}

/** The stored form of a bound: the reference's date text, read in the case's zone. */
function bound(field: string, text: string | null | undefined, zone: string): object {
  if (text === null || text === undefined) return {};
  return { [field]: formatInstant(instantOfApsText({ field, text }, zoneTable(zone))) };
}

function specOf(member: Member & { readonly expr?: string }, zone: string): object {
  const end = bound("endAt", member.end_date, zone);
  switch (member.kind.replace("-previous", "")) {
    case "date":
      return { kind: "date", ...bound("at", member.run_date, zone) };
    case "interval": {
      const units: IntervalUnits = { ...member.fields };
      const anchor = bound("anchorAt", member.start_date, zone);
      return { kind: "interval", everyMs: intervalMsOf(units), ...anchor, ...end };
    }
    case "crontab":
      return { kind: "cron", dialect: "aps", expression: member.expr, zone };
    default: {
      const start = bound("startAt", member.start_date, zone);
      return { kind: "cron", dialect: "aps", fields: member.fields ?? {}, zone, ...start, ...end };
    }
  }
}

function triggerOf(test: Case): Trigger {
  if (test.triggers === undefined) return triggerFromSpec(specOf(test, test.timezone));
  const triggers = test.triggers.map((member) => specOf(member, test.timezone));
  return triggerFromSpec({ kind: test.kind, triggers });
}

/** The fires from now on as epoch milliseconds, null at the end. */
function firesOf(trigger: Trigger, now: string, count: number): readonly (number | null)[] {
  const fires: (number | null)[] = [];
  let at = firstFire(trigger, parseInstant(now));
  while (fires.length < count) {
    fires.push(at === undefined ? null : millisOf(at));
    if (at === undefined) break;
    at = trigger.next(at, at);
  }
  return fires;
}

function millisOfFires(fires: readonly Fire[]): readonly (number | null)[] {
  return fires.map((fire) => (fire === null ? null : fire[1]));
}

function refusal(make: () => unknown): InvalidInputError {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  return expect.unreachable("must be refused");
}

/** An interval that runs backwards is refused: `next` of a trigger is always later. */
const refusedHere: ReadonlySet<string> = new Set(["interval-0023"]);

const suites = [
  "cron-random-utc",
  "cron-random-zones",
  "cron-dst",
  "cron-edge",
  "crontab",
  "interval",
  "date",
  "combine",
];

describe.each(suites)("triggers.md 2 and 3: %s", (suite) => {
  const cases = casesOf(suite).filter(
    ({ id, error, civil_error }) =>
      error === undefined && civil_error === undefined && !refusedHere.has(id),
  );

  it.each(cases.map((test) => [test.id, test] as const))("%s fires rightly", (_id, test) => {
    const trigger = triggerOf(test);
    const expected = millisOfFires(test.civil ?? test.fires);
    expect(firesOf(trigger, test.now, test.count)).toEqual(expected);
  });

  it("gives the same triggers from their stored form", () => {
    for (const test of cases) {
      const trigger = triggerOf(test);
      const stored: unknown = JSON.parse(JSON.stringify(trigger.spec));
      expect(triggerFromSpec(stored).spec).toEqual(trigger.spec);
    }
  });
});

describe("triggers.md 2: what must be refused", () => {
  const edges = casesOf("cron-edge").filter(({ civil_error }) => civil_error !== undefined);
  it.each(edges.map((test) => [test.id, test] as const))("%s has trailing text", (_id, test) => {
    const error = refusal(() => triggerOf(test));
    expect(error.details).toMatchObject({
      field: test.civil_error?.field,
      reasonCode: "trailing_text",
    });
  });

  const dates = casesOf("date").filter(({ error }) => error !== undefined);
  it.each(dates.map((test) => [test.id, test] as const))("%s is no date", (_id, test) => {
    expect(refusal(() => triggerOf(test)).details["reasonCode"]).toBe("not_a_time");
  });

  it("an interval that runs backwards", () => {
    const test = casesOf("interval").find(({ id }) => id === "interval-0023");
    const error = refusal(() => test !== undefined && triggerOf(test));
    expect(error.details).toMatchObject({ field: "everyMs", reasonCode: "out_of_range" });
  });

  const invalid = casesOf("invalid");
  it.each(invalid.map((test) => [test.id, test] as const))("%s is refused", (_id, test) => {
    const error = refusal(() => invalidTrigger(test));
    expect(error.code).toMatch(/^ORR_INPUT_(TRIGGER|ZONE)$/);
    const field = error.details["field"];
    expect(field).toBe(test.error?.field ?? field);
    expect(error.details["reasonCode"]).toBeTypeOf("string");
  });
});

function invalidTrigger(test: Case): unknown {
  if (test.kind === "cron") {
    return triggerFromSpec({ kind: "cron", dialect: "aps", fields: test.fields });
  }
  if (test.kind === "crontab") {
    return triggerFromSpec({ kind: "cron", dialect: "aps", expression: test.expr });
  }
  const { timezone: zone, start_date: startAt, ...fields } = { ...test.arguments };
  if (test.kind === "cron-constructor") {
    return triggerFromSpec({ kind: "cron", dialect: "aps", fields, zone, startAt });
  }
  // Units and a zone belong to the reference's constructor: here they are unknown fields.
  return triggerFromSpec({ kind: "interval", everyMs: 1000, zone, ...fields });
}

describe("triggers.md 2 and 3: the next fire after a given one", () => {
  const cases = casesOf("previous");
  it.each(cases.map((test) => [test.id, test] as const))("%s goes on", (_id, test) => {
    const trigger = triggerOf(test);
    const previous =
      typeof test.previous_ms === "number" ? instantFromMillis(test.previous_ms) : undefined;
    const next = trigger.next(askedAfter(trigger, parseInstant(test.now), previous), previous);
    expect(next === undefined ? null : millisOf(next)).toBe(test.next?.[1] ?? null);
  });
});

/** Cron searches from now when that is before the previous fire; an interval follows the fire. */
function askedAfter(trigger: Trigger, now: Instant, previous: Instant | undefined): Instant {
  const justBefore = instantFromMicros(now - 1n);
  if (previous === undefined) return justBefore;
  return trigger.spec.kind === "interval" || previous <= now ? previous : justBefore;
}

describe("triggers.md 1: the other dialect", () => {
  const cases = casesOf("crontab").filter(({ standard_cron }) => standard_cron !== undefined);
  it.each(cases.map((test) => [test.id, test] as const))("%s as a crontab line", (_id, test) => {
    const make = (): Trigger =>
      triggerFromSpec({
        kind: "cron",
        dialect: "vixie",
        expression: test.expr,
        zone: test.timezone,
      });
    const expected = test.standard_cron;
    const isList = expected !== "invalid" && expected !== undefined;
    const shown = isList ? firesOf(make(), test.now, expected.length) : refusal(make).code;
    expect(shown).toEqual(isList ? millisOfFires(expected) : "ORR_INPUT_TRIGGER");
  });
});
