/**
 * Goal: shares of contended slots hold over time, however the slots come, and nobody starves.
 * Method: rounds of slots are handed out against made-up queues, and the grants are counted.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  allocateSlots,
  chargeCredit,
  type PerPriority,
  priorities,
  type ServiceCredit,
  serviceCreditStart,
  slotSharesDefault,
} from "./slot-shares.ts";

const many = 1_000_000;
const all: PerPriority = { high: many, normal: many, low: many };

interface Round {
  readonly slotCount: number;
  readonly waiting: PerPriority;
}

function serve(rounds: readonly Round[], shares: PerPriority): PerPriority[] {
  let credit: ServiceCredit = serviceCreditStart;
  return rounds.map(({ slotCount, waiting }) => {
    const granted = allocateSlots({ slotCount, waiting, shares, credit });
    credit = chargeCredit({ credit, granted, waiting, shares });
    return granted;
  });
}

function sum(grants: readonly PerPriority[]): PerPriority {
  const total = { high: 0, normal: 0, low: 0 };
  for (const grant of grants) for (const level of priorities) total[level] += grant[level];
  return total;
}

const positiveShares = fc
  .tuple(...priorities.map(() => fc.integer({ min: 1, max: 20 })))
  .map(([high = 1, normal = 1, low = 1]) => {
    const total = high + normal + low;
    return { high: high / total, normal: normal / total, low: low / total };
  });

test("ten contended slots are split by the default shares", () => {
  expect(sum(serve([{ slotCount: 10, waiting: all }], slotSharesDefault))).toEqual({
    high: 5,
    normal: 3,
    low: 2,
  });
});

test("slots that come one at a time are split alike over ten", () => {
  const rounds = Array.from({ length: 10 }, () => ({ slotCount: 1, waiting: all }));
  const grants = serve(rounds, slotSharesDefault);
  expect(sum(grants)).toEqual({ high: 5, normal: 3, low: 2 });
  expect(grants[0]?.high).toBe(1);
});

test("under contention each level has its share, to within one slot, at any time", () => {
  fc.assert(
    fc.property(
      positiveShares,
      fc.array(fc.integer({ min: 0, max: 17 }), { maxLength: 40 }),
      (shares, slotCounts) => {
        const grants = serve(
          slotCounts.map((slotCount) => ({ slotCount, waiting: all })),
          shares,
        );
        let given = 0;
        slotCounts.forEach((slotCount, index) => {
          given += slotCount;
          const total = sum(grants.slice(0, index + 1));
          expect(total.high + total.normal + total.low).toBe(given);
          for (const level of priorities) {
            expect(Math.abs(total[level] - shares[level] * given)).toBeLessThan(1 + 1e-6);
          }
        });
      },
    ),
  );
});

test("many slots at once are split as if they came one by one, wherever the levels stand", () => {
  const service = fc.integer({ min: 0, max: 3_000 });
  const queue = fc.constantFrom(0, many);
  const requests = fc.record({
    shares: positiveShares,
    credit: fc.record({ high: service, normal: service, low: service }),
    waiting: fc.record({ high: queue, normal: queue, low: queue }),
    slotCount: fc.integer({ min: 0, max: 1_500 }),
  });
  fc.assert(
    fc.property(requests, (request) => {
      const { shares, credit, slotCount } = request;
      const atOnce = allocateSlots(request);
      const oneByOne = { high: 0, normal: 0, low: 0 };
      for (let slot = 0; slot < slotCount; slot += 1) {
        const served = { ...credit };
        for (const level of priorities) served[level] += oneByOne[level] / shares[level];
        const next = allocateSlots({ ...request, slotCount: 1, credit: served });
        for (const level of priorities) oneByOne[level] += next[level];
      }
      for (const level of priorities) {
        expect(Math.abs(atOnce[level] - oneByOne[level])).toBeLessThanOrEqual(2);
      }
    }),
  );
});

test("a share that nobody waits for goes to the others, in proportion", () => {
  const waiting = { high: 0, normal: many, low: many };
  const rounds = Array.from({ length: 50 }, () => ({ slotCount: 1, waiting }));
  expect(sum(serve(rounds, slotSharesDefault))).toEqual({ high: 0, normal: 30, low: 20 });
});

test("no slot is left while anybody waits, and nobody gets more than waits", () => {
  const count = fc.integer({ min: 0, max: 12 });
  const waiting = fc.record({ high: count, normal: count, low: count });
  const anyShares = fc.record({
    high: fc.constantFrom(0, 0.2, 1),
    normal: fc.constantFrom(0, 0.3),
    low: fc.constantFrom(0, 0.5),
  });
  fc.assert(
    fc.property(
      anyShares,
      fc.array(fc.record({ slotCount: count, waiting }), { maxLength: 20 }),
      (shares, rounds) => {
        serve(rounds, shares).forEach((granted, index) => {
          const { slotCount, waiting: queue } = rounds[index] ?? { slotCount: 0, waiting: all };
          const total = queue.high + queue.normal + queue.low;
          expect(granted.high + granted.normal + granted.low).toBe(Math.min(slotCount, total));
          for (const level of priorities) expect(granted[level]).toBeLessThanOrEqual(queue[level]);
        });
      },
    ),
  );
});

test("a level that comes back from idling cannot claim the past", () => {
  const alone = { high: 0, normal: many, low: 0 };
  const before = Array.from({ length: 100 }, () => ({ slotCount: 1, waiting: alone }));
  const after = Array.from({ length: 8 }, () => ({
    slotCount: 1,
    waiting: { high: many, normal: many, low: 0 },
  }));
  const grants = sum(serve([...before, ...after], slotSharesDefault).slice(100));
  expect(grants.high).toBeLessThanOrEqual(6);
  expect(grants.normal).toBeGreaterThanOrEqual(2);
});

test("a level without share is served when the others leave something, and only then", () => {
  const shares = { high: 0.7, normal: 0.3, low: 0 };
  const contended = Array.from({ length: 30 }, () => ({ slotCount: 1, waiting: all }));
  expect(sum(serve(contended, shares)).low).toBe(0);
  const spare = [{ slotCount: 5, waiting: { high: 1, normal: 1, low: 9 } }];
  expect(sum(serve(spare, shares))).toEqual({ high: 1, normal: 1, low: 3 });
});

test("credit stays small however long it is counted", () => {
  let credit: ServiceCredit = serviceCreditStart;
  for (let round = 0; round < 10_000; round += 1) {
    const waiting = { high: round % 3, normal: round % 2, low: 1 };
    const granted = allocateSlots({ slotCount: 2, waiting, shares: slotSharesDefault, credit });
    credit = chargeCredit({ credit, granted, waiting, shares: slotSharesDefault });
  }
  expect(Math.max(...Object.values(credit))).toBeLessThan(20);
});
