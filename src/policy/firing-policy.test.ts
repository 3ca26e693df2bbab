import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  admitFires,
  type InstanceCounts,
  type OverlapPolicy,
  overlapPolicies,
} from "./firing-policy.ts";

const none: InstanceCounts = { live: 0, waiting: 0, queueRoom: null };

function kinds(
  count: number,
  policy: { overlap: OverlapPolicy; maxInstances?: number },
  counts: Partial<InstanceCounts> = {},
): string {
  const { each, cancelCount } = admitFires(
    count,
    { maxInstances: 1, ...policy },
    { ...none, ...counts },
  );
  const words = each.map(({ kind }) => kind).join(" ");
  return cancelCount === 0 ? words : `${words}, cancels ${cancelCount}`;
}

test.each(overlapPolicies)("with nothing under way %s starts a fire time", (overlap) => {
  expect(kinds(1, { overlap })).toBe("starts");
});

test.each([
  ["skip", "refused"],
  ["queue-one", "waits"],
  ["queue-all", "waits"],
  ["cancel-running", "waits, cancels 1"],
  ["allow", "starts"],
] as const)("while a run is under way, %s means: %s", (overlap, expected) => {
  expect(kinds(1, { overlap }, { live: 1 })).toBe(expected);
});

test.each([
  ["skip", "refused"],
  ["queue-one", "refused"],
  ["queue-all", "waits"],
  ["cancel-running", "waits, cancels 2"],
  ["allow", "starts"],
] as const)("while one runs and one waits, %s means: %s", (overlap, expected) => {
  expect(kinds(1, { overlap }, { live: 2, waiting: 1 })).toBe(expected);
});

describe("several fire times of one submission", () => {
  test("wait for each other, also under skip", () => {
    expect(kinds(3, { overlap: "skip" })).toBe("starts waits waits");
    expect(kinds(3, { overlap: "skip", maxInstances: 2 })).toBe("starts starts waits");
  });

  test("leave one waiting under queue-one", () => {
    expect(kinds(3, { overlap: "queue-one" })).toBe("starts waits refused");
  });

  test("all start under allow", () => {
    expect(kinds(3, { overlap: "allow" }, { live: 5 })).toBe("starts starts starts");
  });
});

test("room is made for as many as may be under way, not more", () => {
  const policy = { overlap: "cancel-running", maxInstances: 2 } as const;
  expect(kinds(1, policy, { live: 1 })).toBe("starts");
  expect(kinds(1, policy, { live: 2 })).toBe("waits, cancels 1");
  expect(kinds(3, policy, { live: 2 })).toBe("waits waits waits, cancels 2");
});

test("a full queue refuses, and nobody is cancelled for a run that there will not be", () => {
  expect(kinds(2, { overlap: "allow" }, { queueRoom: 1 })).toBe("starts refused");
  expect(kinds(1, { overlap: "cancel-running" }, { live: 1, queueRoom: 0 })).toBe("refused");
});

const small = fc.integer({ min: 0, max: 5 });
const situation = fc.record({
  overlap: fc.constantFrom(...overlapPolicies),
  maxInstances: fc.integer({ min: 1, max: 4 }),
  under: small,
  waiting: small,
  count: small,
  queueRoom: fc.option(small),
});

test("no more start than may be under way, and no queue is overfilled", () => {
  fc.assert(
    fc.property(situation, ({ under, waiting, count, queueRoom, ...policy }) => {
      const live = under + waiting;
      const { each, cancelCount } = admitFires(count, policy, { live, waiting, queueRoom });
      const started = each.filter(({ kind }) => kind === "starts").length;
      const admitted = each.filter(({ kind }) => kind !== "refused").length;
      expect(each).toHaveLength(count);
      if (policy.overlap !== "allow") {
        expect(started).toBeLessThanOrEqual(Math.max(policy.maxInstances - live, 0));
      }
      if (queueRoom !== null) expect(admitted).toBeLessThanOrEqual(queueRoom);
      expect(cancelCount).toBeLessThanOrEqual(live);
      if (policy.overlap !== "cancel-running") expect(cancelCount).toBe(0);
    }),
  );
});
