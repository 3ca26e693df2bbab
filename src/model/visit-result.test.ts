import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMillis } from "../kernel/instant.ts";
import { cancelled, eventful, failed, uneventful } from "./outcome.ts";
import { checkedVisitOutcome, readFinding, visitOfRun } from "./visit-result.ts";

const nothing = { snapshot: null, lastUpdateAt: null, notFound: false };

describe("readFinding", () => {
  it.each([null, 7, "text", [], {}, { other: 1 }, { snapshot: null, notFound: null }])(
    "finds nothing in %j",
    (output) => {
      expect(readFinding(output)).toEqual(nothing);
    },
  );

  it("reads what is there, beside fields of others", () => {
    const output = { snapshot: "00FF", lastUpdateAt: "2026-01-01T00:00:00Z", bytes: 7 };
    expect(readFinding(output)).toEqual({
      snapshot: Uint8Array.of(0, 255),
      lastUpdateAt: instantFromMillis(Date.UTC(2026, 0, 1)),
      notFound: false,
    });
    expect(readFinding({ notFound: true })).toEqual({ ...nothing, notFound: true });
  });
});

describe("checkedVisitOutcome", () => {
  it("leaves what can be read as it is, and makes a failure of the rest, whatever comes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isNew) => {
        const output = JSON.parse(JSON.stringify({ snapshot: value })) as { snapshot: null };
        const outcome = isNew ? eventful(output) : uneventful(output);
        const checked = checkedVisitOutcome(outcome);
        if (checked === outcome) readFinding(output);
        else expect(() => readFinding(output)).toThrow("output.snapshot");
      }),
    );
  });

  it("has nothing to say of outcomes without output", () => {
    for (const outcome of [failed("no"), cancelled("no")]) {
      expect(checkedVisitOutcome(outcome)).toBe(outcome);
    }
  });
});

describe("visitOfRun", () => {
  it("is the origin of a run that the frontier asked for, and of no other", () => {
    const input = { url: "https://example.org/a" };
    expect(visitOfRun({ overrides: { visit: "git" }, input })).toEqual({
      ...input,
      visitType: "git",
    });
    expect(visitOfRun({ overrides: {}, input })).toBeUndefined();
    expect(visitOfRun({ overrides: { visit: "git" }, input: null })).toBeUndefined();
    expect(visitOfRun({ overrides: { visit: "git" }, input: { url: 7 } })).toBeUndefined();
  });
});
