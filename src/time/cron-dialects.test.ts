/** What separates the dialects, and how each refuses. The bulk of both is held by the vectors. */

import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../kernel/errors.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { triggerFromSpec } from "./trigger.ts";
import { triggerRefusals } from "./trigger-error.ts";

/** A Friday. */
const now = parseInstant("2027-01-01T00:00:00Z");

function fires(spec: object, count: number = 3): readonly string[] {
  return triggerFromSpec({ kind: "cron", ...spec })
    .between(now, parseInstant("2037-01-01T00:00:00Z"), count)
    .map(({ at }) => formatInstant(at).slice(0, 16));
}

function refusal(spec: object): InvalidInputError {
  try {
    triggerFromSpec({ kind: "cron", ...spec });
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  return expect.unreachable(`accepted ${JSON.stringify(spec)}`);
}

describe("the same line in the two dialects", () => {
  it("counts weekdays from Monday or from Sunday", () => {
    const line = { expression: "0 0 * * 1" };
    expect(fires({ dialect: "aps", ...line }, 1)).toEqual(["2027-01-05T00:00"]);
    expect(fires({ dialect: "vixie", ...line }, 1)).toEqual(["2027-01-04T00:00"]);
  });

  it("needs day and weekday, or one of them", () => {
    const line = { expression: "0 0 13 * fri" };
    expect(fires({ dialect: "aps", ...line }, 1)).toEqual(["2027-08-13T00:00"]);
    expect(fires({ dialect: "vixie", ...line })).toEqual([
      "2027-01-08T00:00",
      "2027-01-13T00:00",
      "2027-01-15T00:00",
    ]);
  });

  it("needs both in vixie too when one begins with a star", () => {
    expect(fires({ dialect: "vixie", expression: "0 0 */2 * 1" }, 2)).toEqual([
      "2027-01-11T00:00",
      "2027-01-25T00:00",
    ]);
    expect(fires({ dialect: "vixie", expression: "0 0 1-31 * 1" }, 1)).toEqual([
      "2027-01-02T00:00",
    ]);
  });
});

describe("the vixie dialect", () => {
  it("has the seconds where it was told", () => {
    const first = { dialect: "vixie", expression: "15 30 2 * * *", seconds: "first" };
    const last = { dialect: "vixie", expression: "30 2 * * * 15", seconds: "last" };
    expect(fires(first)).toEqual(fires(last));
  });

  it("knows nicknames in any case, and no @reboot", () => {
    expect(fires({ dialect: "vixie", expression: "@Weekly" }, 1)).toEqual(["2027-01-03T00:00"]);
    const error = refusal({ dialect: "vixie", expression: "@reboot" });
    expect(error.details).toMatchObject({ field: "fields", reasonCode: "unknown_nickname" });
  });

  it("takes 7 as Sunday at the end of a range", () => {
    expect(fires({ dialect: "vixie", expression: "0 0 * * 6-7" }, 2)).toEqual([
      "2027-01-02T00:00",
      "2027-01-03T00:00",
    ]);
  });
});

describe("the aps dialect", () => {
  it.each([
    [{ hour: 3 }, "2027-01-01T03:00:00"],
    [{ day: 2, minute: 20 }, "2027-01-02T00:20:00"],
    [{ hour: 3, second: 30 }, "2027-01-01T03:00:30"],
    [{ month: "*" }, "2027-02-01T00:00:00"],
    [{ week: 7 }, "2027-02-15T00:00:00"],
    [{}, "2027-01-01T00:00:01"],
    [{ minute: null, hour: null, day: 5 }, "2027-01-05T00:00:00"],
  ])("fills in what %j leaves out", (fields, first) => {
    const at = triggerFromSpec({ kind: "cron", dialect: "aps", fields }).next(now);
    expect(at === undefined ? undefined : formatInstant(at).slice(0, 19)).toBe(first);
  });

  it("finds n-th, last and missing fifth weekdays", () => {
    expect(fires({ dialect: "aps", fields: { day: "2nd Tue, last fri" } }, 2)).toEqual([
      "2027-01-12T00:00",
      "2027-01-29T00:00",
    ]);
    expect(fires({ dialect: "aps", fields: { day: "5th mon" } }, 2)).toEqual([
      "2027-03-29T00:00",
      "2027-05-31T00:00",
    ]);
  });

  it("writes its fields in one way", () => {
    const fields = { day: " 2ND   Tue , LAST", hour: 3 };
    const { spec } = triggerFromSpec({ kind: "cron", dialect: "aps", fields });
    expect(spec).toMatchObject({ fields: { day: "2nd tue,last", hour: "3" } });
  });
});

describe("a refusal", () => {
  it.each([
    [{ dialect: "aps", fields: { hour: "24" } }, "hour", "above_maximum"],
    [{ dialect: "aps", fields: { day: "0" } }, "day", "below_minimum"],
    [{ dialect: "aps", fields: { hour: "5-3" } }, "hour", "range_reversed"],
    [{ dialect: "aps", fields: { hour: "*/0" } }, "hour", "step_zero"],
    [{ dialect: "aps", fields: { hour: "4-6/3" } }, "hour", "step_too_large"],
    [{ dialect: "aps", fields: { day_of_week: "monday" } }, "day_of_week", "unknown_name"],
    [{ dialect: "aps", fields: { day_of_week: "mon-fri/2" } }, "day_of_week", "trailing_text"],
    [{ dialect: "aps", fields: { day: "last-1" } }, "day", "trailing_text"],
    [{ dialect: "aps", fields: { minute: "?" } }, "minute", "unrecognized"],
    [{ dialect: "aps", fields: { minute: true } }, "minute", "wrong_type"],
    [{ dialect: "aps", fields: { minutes: 5 } }, "minutes", "unknown_field"],
    [{ dialect: "aps", fields: { minute: "1,".repeat(600) } }, "minute", "out_of_range"],
    [{ dialect: "aps", expression: "* * * *" }, "fields", "field_count"],
    [{ dialect: "aps", expression: "* * * * *", fields: {} }, "expression", "unknown_field"],
    [{ dialect: "aps" }, "fields", "missing"],
    [{ dialect: "vixie", expression: "60 * * * *" }, "minute", "above_maximum"],
    [{ dialect: "vixie", expression: "* 22-2 * * *" }, "hour", "range_reversed"],
    [{ dialect: "vixie", expression: "* * 1/5 * *" }, "dom", "step_without_range"],
    [{ dialect: "vixie", expression: "* * * */0 *" }, "month", "step_zero"],
    [{ dialect: "vixie", expression: "* * * * L" }, "dow", "unrecognized"],
    [{ dialect: "vixie", expression: "* * * * abc" }, "dow", "unknown_name"],
    [{ dialect: "vixie", expression: "* * * * * *" }, "fields", "field_count"],
    [{ dialect: "vixie", expression: "* * * * *", seconds: "last" }, "fields", "field_count"],
    [{ dialect: "vixie", expression: "* * * * *", seconds: "middle" }, "seconds", "not_a_choice"],
    [{ dialect: "vixie", expression: "*".repeat(2000) }, "fields", "out_of_range"],
    [{ dialect: "quartz", expression: "* * * * *" }, "dialect", "not_a_choice"],
    [{ expression: "* * * * *" }, "dialect", "missing"],
  ])("of %j names the field and the reason", (spec, field, reasonCode) => {
    const error = refusal(spec);
    expect(error.code).toBe("ORR_INPUT_TRIGGER");
    expect(error.details).toMatchObject({ field, reasonCode });
    expect(Object.keys(triggerRefusals)).toContain(reasonCode);
    expect(JSON.stringify(error.details).length).toBeLessThan(1000);
  });
});
