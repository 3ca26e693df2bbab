import { describe, expect, it } from "vitest";
import { assert } from "../kernel/assert.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { type Trigger, triggerFromSpec } from "./trigger.ts";

const now = parseInstant("2027-01-01T00:00:00Z");
const end = parseInstant("2028-01-01T00:00:00Z");

function cron(expression: string, more: object = {}): object {
  return { kind: "cron", dialect: "vixie", expression, ...more };
}

function every(everyMs: number, anchorAt: string): object {
  return { kind: "interval", everyMs, anchorAt };
}

function combine(kind: "and" | "or", triggers: readonly object[], more: object = {}): Trigger {
  return triggerFromSpec({ kind, triggers, ...more });
}

function fires(trigger: Trigger, count: number = 3): readonly string[] {
  return trigger.between(now, end, count).map(({ at }) => formatInstant(at).slice(5, 19));
}

/** The details of the error that refuses. */
function refusalOf(call: () => unknown): JsonObject {
  try {
    call();
  } catch (error) {
    assert(error instanceof InvalidInputError, "refused as input");
    return error.details;
  }
  return expect.unreachable("accepted");
}

describe("and", () => {
  it("fires where cron members agree, in dates and times", () => {
    const trigger = combine("and", [cron("0 9 * * 1-5"), cron("0 */3 13 * *")]);
    expect(fires(trigger)).toEqual(["01-13T09:00:00", "04-13T09:00:00", "05-13T09:00:00"]);
    expect(trigger.previous(parseInstant("2027-04-13T09:00:00Z"))).toBe(
      parseInstant("2027-01-13T09:00:00Z"),
    );
  });

  it("fires where members of several kinds and zones agree", () => {
    const members = [
      cron("0 9 * * *", { zone: "America/New_York" }),
      cron("0 13 * * *"),
      every(7_200_000, "2027-01-01T01:00:00Z"),
    ];
    // Nine in New York is 13:00 UTC only in summer.
    expect(fires(combine("and", members), 1)).toEqual(["03-14T13:00:00"]);
  });

  it.each([
    ["minutes that differ", [cron("0 * * * *"), cron("30 * * * *")]],
    ["dates that differ", [cron("0 0 29 2 *"), cron("0 0 * 3 *")]],
    ["days that no year has", [cron("0 0 30 * *"), cron("0 0 * 2 *")]],
    ["seconds between those of cron", [cron("* * * * *"), every(60_000, "2027-01-01T00:00:30Z")]],
    ["half seconds", [cron("* * * * *"), every(1000, "2027-01-01T00:00:00.5Z")]],
    [
      "phases that never meet",
      [every(6000, "2027-01-01T00:00:00Z"), every(4000, "2027-01-01T00:00:01Z")],
    ],
    [
      "hours of two zones that never meet",
      [cron("0 9 * * *", { zone: "Asia/Tokyo" }), cron("0 9 * * *")],
    ],
  ])("never fires for %s, and says so soon", (_title, members) => {
    expect(combine("and", members).next(now)).toBeUndefined();
    expect(combine("and", members).previous(now)).toBeUndefined();
  });

  it("keeps every member's window", () => {
    const members = [
      cron("0 * * * *", { startAt: "2027-01-01T05:00:00Z" }),
      cron("0 * * * *", { endAt: "2027-01-01T06:00:00Z" }),
    ];
    expect(fires(combine("and", members))).toEqual(["01-01T05:00:00", "01-01T06:00:00"]);
  });

  it("keeps the notes of its members", () => {
    const members = [
      cron("30 1 * * *", { zone: "America/New_York", clockChange: "once" }),
      cron("30 * * * *", { zone: "America/New_York" }),
    ];
    const from = parseInstant("2027-11-07T00:00:00Z");
    expect(combine("and", members).between(from, end, 1)).toEqual([
      {
        at: parseInstant("2027-11-07T05:30:00Z"),
        note: "repeated",
        local: "2027-11-07T01:30:00",
      },
    ]);
  });
});

describe("or", () => {
  it("fires with each member, once where they coincide", () => {
    const trigger = combine("or", [cron("0 9 * * *"), cron("0,30 9 * * *")]);
    expect(fires(trigger)).toEqual(["01-01T09:00:00", "01-01T09:30:00", "01-02T09:00:00"]);
    expect(trigger.previous(now)).toBe(parseInstant("2026-12-31T09:30:00Z"));
  });

  it("keeps the phase of an interval beside other members", () => {
    const trigger = combine("or", [every(18_000_000, "2027-01-01T00:00:00Z"), cron("30 4 * * *")]);
    expect(fires(trigger)).toEqual(["01-01T04:30:00", "01-01T05:00:00", "01-01T10:00:00"]);
  });

  it("goes on to the last member's end", () => {
    const trigger = combine("or", [
      { kind: "date", at: "2027-02-01" },
      { kind: "date", at: "2027-03-01" },
    ]);
    expect(fires(trigger)).toEqual(["02-01T00:00:00", "03-01T00:00:00"]);
  });

  it("holds combinations", () => {
    const inner = { kind: "and", triggers: [cron("0 * * * *"), cron("* 7 * * *")] };
    expect(fires(combine("or", [inner, cron("0 8 * * *")]))).toEqual([
      "01-01T07:00:00",
      "01-01T08:00:00",
      "01-02T07:00:00",
    ]);
  });
});

describe("a combination is refused", () => {
  const nested = (depth: number): object =>
    depth === 0 ? cron("* * * * *") : { kind: "or", triggers: [nested(depth - 1)] };

  it.each([
    [{ kind: "or" }, "triggers", "missing"],
    [{ kind: "or", triggers: {} }, "triggers", "wrong_type"],
    [{ kind: "and", triggers: [] }, "triggers", "out_of_range"],
    [{ kind: "and", triggers: Array(33).fill(cron("* * * * *")) }, "triggers", "out_of_range"],
    [
      { kind: "or", triggers: [cron("* * * * *"), cron("61 * * * *")] },
      "triggers[1].minute",
      "above_maximum",
    ],
    [
      { kind: "or", triggers: [{ kind: "interval", everyMs: 5 }] },
      "triggers[0].anchorAt",
      "unanchored_member",
    ],
    [
      { kind: "and", triggers: [cron("* * * * *", { jitterMs: 5 })] },
      "triggers[0].jitterMs",
      "jittered_member",
    ],
    [{ kind: "or", triggers: [7] }, "triggers[0].trigger", "wrong_type"],
  ])("%j", (spec, field, reasonCode) => {
    expect(refusalOf(() => triggerFromSpec(spec))).toMatchObject({ field, reasonCode });
  });

  it("when it is deeper than eight levels", () => {
    expect(fires(triggerFromSpec(nested(8)), 1)).toEqual(["01-01T00:01:00"]);
    expect(() => triggerFromSpec(nested(9))).toThrow(InvalidInputError);
  });
});
