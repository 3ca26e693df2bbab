/**
 * Every vector of `cron-vixie/` against the vixie dialect: `posix`, else `fires`, under the policy
 * `match`, and `daemon` first under the policy `daemon`. What is refused must be refused.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assert } from "../../src/kernel/assert.ts";
import { InvalidInputError } from "../../src/kernel/errors.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { instantFromMillis, millisOf } from "../../src/kernel/instant.ts";
import { type Trigger, triggerFromSpec } from "../../src/time/trigger.ts";
import type { ClockChangePolicy } from "../../src/time/trigger-spec.ts";

/** `[text, epoch milliseconds]`, or null for the end of the schedule. */
type Fire = readonly [string, number] | null;

interface Case {
  readonly id: string;
  readonly expr: string;
  readonly timezone: string;
  readonly now_ms: number;
  readonly count: number;
  readonly fires: readonly Fire[];
  readonly posix?: readonly Fire[];
  readonly daemon?: readonly Fire[];
  readonly error?: { readonly field: string };
}

/** The data are ours, so their shape is taken as it is declared. */
function isSuite(data: unknown): data is { readonly cases: readonly Case[] } {
  return isRecord(data) && Array.isArray(data["cases"]);
}

function casesOf(suite: string): readonly Case[] {
  const file = new URL(`./cron-vixie/${suite}.json`, import.meta.url);
  const data: unknown = JSON.parse(readFileSync(file, "utf8"));
  assert(isSuite(data), `${suite} holds cases`);
  return data.cases;
}

function triggerOf(test: Case, clockChange: ClockChangePolicy = "match"): Trigger {
  return triggerFromSpec({
    kind: "cron",
    dialect: "vixie",
    expression: test.expr,
    ...(test.id.startsWith("seconds") ? { seconds: "last" } : {}),
    zone: test.timezone,
    clockChange,
  });
}

function firesOf(trigger: Trigger, nowMs: number, count: number): readonly (number | null)[] {
  const fires: (number | null)[] = [];
  let at = trigger.next(instantFromMillis(nowMs));
  while (fires.length < count) {
    fires.push(at === undefined ? null : millisOf(at));
    if (at === undefined) break;
    at = trigger.next(at);
  }
  return fires;
}

function millisOfFires(fires: readonly Fire[]): readonly (number | null)[] {
  return fires.map((fire) => (fire === null ? null : fire[1]));
}

const suites = ["standard", "seconds", "grammar", "random", "dst"];

describe.each(suites)("triggers.md 5.2: %s", (suite) => {
  const cases = casesOf(suite).filter(({ error }) => error === undefined);
  it.each(cases.map((test) => [test.id, test] as const))("%s follows the clock", (_id, test) => {
    const expected = millisOfFires(test.posix ?? test.fires);
    expect(firesOf(triggerOf(test), test.now_ms, test.count)).toEqual(expected);
  });
});

/**
 * Monthly jobs at a time that a change skips or repeats. The data hold no daemon answer for them,
 * because the simulation behind the data ended before a second month; the daemon's rule makes no
 * difference between daily and monthly jobs, so the right answer stands here: the first fire, and
 * where the wall match goes on from there.
 */
const monthlyDaemonFires: Readonly<Record<string, readonly string[]>> = {
  "dst-021": ["2021-03-28T01:00:00Z", "2021-04-28T00:15:00Z"],
  "dst-049": ["2021-10-02T15:30:00Z", "2021-11-02T15:15:00Z"],
  "dst-063": ["2021-03-28T01:00:00Z", "2021-04-28T00:15:00Z"],
  "dst-070": ["2021-10-31T00:15:00Z", "2021-12-31T01:15:00Z"],
  "dst-077": ["2018-11-04T03:00:00Z", "2018-12-04T02:15:00Z"],
  "dst-091": ["2021-03-21T20:30:00Z", "2021-04-21T19:45:00Z"],
  "dst-098": ["2021-09-25T14:00:00Z", "2021-10-25T13:30:00Z"],
};

describe("triggers.md 5.2: the daemon rule", () => {
  const cases = casesOf("dst");
  it.each(cases.map((test) => [test.id, test] as const))("%s as the daemon", (_id, test) => {
    const monthly = monthlyDaemonFires[test.id]?.map((text) => Date.parse(text));
    const expected = monthly ?? millisOfFires(test.daemon ?? test.posix ?? test.fires);
    expect(firesOf(triggerOf(test, "daemon"), test.now_ms, test.count)).toEqual(expected);
  });
});

describe("triggers.md 1: what standard cron refuses", () => {
  const cases = casesOf("grammar").filter(({ error }) => error !== undefined);
  it.each(cases.map((test) => [test.id, test] as const))("%s is refused", (_id, test) => {
    let thrown: unknown;
    try {
      triggerOf(test);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidInputError);
    expect(thrown).toMatchObject({
      code: "ORR_INPUT_TRIGGER",
      details: { field: test.error?.field },
    });
  });
});
