/**
 * Goal: slots go to levels and types by their shares, whatever came before, and one run on an idle
 * queue costs one look. Method: a `Claiming` on a real queue, ended runs at once, grants counted.
 */

import { expect, test } from "vitest";
import { openStoreRig, type RigRun, type StoreRig } from "../../test/engine/store-rig.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Claimed, ClaimRequest } from "../model/claim-request.ts";
import type { Store } from "../model/store.ts";
import type { RunId } from "../kernel/ids.ts";
import { instantFromMicros } from "../kernel/instant.ts";
import { priorities, type Priority, slotSharesDefault } from "../policy/slot-shares.ts";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import { Claiming, type ServedType } from "./claim.ts";

interface Claimer {
  readonly claiming: Claiming;
  readonly claim: (slotCount: number) => Promise<readonly ClaimedRun[]>;
  readonly requests: ClaimRequest[];
  readonly clock: ManualClock;
}

async function claimerOn(rig: StoreRig, types: readonly ServedType[]): Promise<Claimer> {
  const requests: ClaimRequest[] = [];
  const { store } = rig;
  // The store as it is, with an eye on what is asked of it.
  const runs: Store["runs"] = {
    ...store.runs,
    claim: async (request): Promise<Claimed> => {
      requests.push(request);
      return await store.runs.claim(request);
    },
  };
  const clock = createManualClock();
  const watched = { ...store, runs };
  const claiming = new Claiming({
    store: watched,
    clock,
    shares: slotSharesDefault,
    leaseMs: 8_000,
  });
  const workerId = await rig.startWorker();
  return {
    claiming,
    requests,
    clock,
    claim: async (slotCount) => {
      const wish = { workerId, slotCount, startCount: slotCount, types };
      return (await claiming.claim(wish)).runs;
    },
  };
}

const unlimited = { isLimited: false, isKeyed: false, mayWait: true };

function free(rig: StoreRig, names: readonly string[]): readonly ServedType[] {
  return names.map((name) => ({ id: rig.typeId(name), ...unlimited }));
}

function flood(type: string, count: number, priority: Priority = "normal"): RigRun[] {
  return Array.from({ length: count }, () => ({ type, priority }));
}

function countBy<Key>(
  runs: readonly ClaimedRun[],
  key: (run: ClaimedRun) => Key,
): Map<Key, number> {
  return new Map([...Map.groupBy(runs, key)].map(([each, group]) => [each, group.length]));
}

async function claimRounds(
  claimer: Claimer,
  rounds: { readonly count: number; readonly slotCount: number },
): Promise<readonly ClaimedRun[]> {
  const runs: ClaimedRun[] = [];
  for (let round = 0; round < rounds.count; round += 1) {
    runs.push(...(await claimer.claim(rounds.slotCount)));
  }
  return runs;
}

test.each([1, 3, 10])("levels under overload share %d slots by five, three, two", async (slots) => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue(priorities.flatMap((level) => flood("a", 100, level)));
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  await claimRounds(claimer, { count: 2, slotCount: slots });
  const runs = await claimRounds(claimer, { count: 60 / slots, slotCount: slots });
  expect(runs).toHaveLength(60);
  const counts = countBy(runs, (run) => run.priority);
  expect(Math.abs((counts.get("high") ?? 0) - 30)).toBeLessThanOrEqual(2);
  expect(Math.abs((counts.get("normal") ?? 0) - 18)).toBeLessThanOrEqual(2);
  expect(Math.abs((counts.get("low") ?? 0) - 12)).toBeLessThanOrEqual(2);
});

test("an unused share goes to the others, in proportion, without a slot left empty", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue([...flood("a", 100, "normal"), ...flood("a", 100, "low")]);
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  const runs = await claimRounds(claimer, { count: 5, slotCount: 10 });
  expect(runs).toHaveLength(50);
  const counts = countBy(runs, (run) => run.priority);
  expect(Math.abs((counts.get("normal") ?? 0) - 30)).toBeLessThanOrEqual(3);
  expect(Math.abs((counts.get("low") ?? 0) - 20)).toBeLessThanOrEqual(3);
});

test("a level that wakes up under a flood of another is served within two slots", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue(flood("a", 100, "normal"));
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  await claimRounds(claimer, { count: 20, slotCount: 1 });
  await rig.enqueue(flood("a", 1, "high"));
  const runs = await claimRounds(claimer, { count: 2, slotCount: 1 });
  expect(runs.map((run) => run.priority)).toContain("high");
});

test("types with a backlog are served alike, also a late one, also slot by slot", async () => {
  await using rig = await openStoreRig([{ name: "a" }, { name: "b" }, { name: "c" }]);
  await rig.enqueue(flood("a", 200));
  const claimer = await claimerOn(rig, free(rig, ["a", "b", "c"]));
  await claimRounds(claimer, { count: 10, slotCount: 1 });
  await rig.enqueue([...flood("b", 50), ...flood("c", 50)]);
  const byOne = countBy(
    await claimRounds(claimer, { count: 30, slotCount: 1 }),
    (run) => run.typeId,
  );
  expect([...byOne.values()].every((count) => count >= 9 && count <= 11)).toBe(true);
  const many = await claimRounds(claimer, { count: 8, slotCount: 12 });
  const byTwelve = countBy(many.slice(24), (run) => run.typeId);
  expect([...byTwelve.values()].every((count) => count >= 21 && count <= 27)).toBe(true);
});

test("among a hundred types a single run of a quiet one is next in line", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `t${index}`);
  await using rig = await openStoreRig(names.map((name) => ({ name })));
  await rig.enqueue(flood("t0", 100));
  const claimer = await claimerOn(rig, free(rig, names));
  await claimRounds(claimer, { count: 3, slotCount: 2 });
  await rig.enqueue(flood("t57", 1));
  const runs = await claimRounds(claimer, { count: 2, slotCount: 2 });
  expect(runs.map((run) => run.typeId)).toContain(rig.typeId("t57"));
});

test("types of which nothing is known share a claim, and none leaves slots to nobody", async () => {
  const names = ["a", "b", "c", "d"];
  await using rig = await openStoreRig(names.map((name) => ({ name })));
  await rig.enqueue(["a", "b", "c"].flatMap((name) => flood(name, 100)));
  const claimer = await claimerOn(rig, free(rig, names));
  const counts = countBy(await claimer.claim(12), (run) => run.typeId);
  expect([...counts.values()]).toEqual([4, 4, 4]);
});

test("of types with limits those that had work left are locked without a look before", async () => {
  const limits = { runningMax: 1_000, runningPerKeyMax: null, unfinishedMax: null };
  await using rig = await openStoreRig([
    { name: "a", limits },
    { name: "b", limits },
  ]);
  await rig.enqueue([...flood("a", 100), ...flood("b", 2)]);
  const types = ["a", "b"].map((name) => ({ id: rig.typeId(name), ...unlimited, isLimited: true }));
  const claimer = await claimerOn(rig, types);
  await claimRounds(claimer, { count: 3, slotCount: 10 });
  expect(claimer.requests.at(-1)?.busy).toEqual([rig.typeId("a")]);
  expect(await claimer.claim(100)).toHaveLength(72);
  await claimer.claim(1);
  expect(claimer.requests.at(-1)?.busy).toEqual([]);
});

test("neither types with limits nor those without starve the other kind", async () => {
  const limits = { runningMax: 1_000, runningPerKeyMax: null, unfinishedMax: null };
  await using rig = await openStoreRig([{ name: "free" }, { name: "limited", limits }]);
  await rig.enqueue([...flood("free", 100), ...flood("limited", 100)]);
  const types = [
    { id: rig.typeId("free"), ...unlimited },
    { id: rig.typeId("limited"), ...unlimited, isLimited: true },
  ];
  for (const slotCount of [1, 8]) {
    const claimer = await claimerOn(rig, types);
    const runs = await claimRounds(claimer, { count: 40 / slotCount, slotCount });
    const counts = countBy(runs, (run) => run.typeId);
    expect(counts.get(rig.typeId("free"))).toBeGreaterThanOrEqual(15);
    expect(counts.get(rig.typeId("limited"))).toBeGreaterThanOrEqual(15);
  }
});

test("an idle queue is looked at once, and one run on it is found by one look", async () => {
  await using rig = await openStoreRig([{ name: "a" }, { name: "b" }]);
  const claimer = await claimerOn(rig, free(rig, ["a", "b"]));
  expect(await claimer.claim(10)).toEqual([]);
  expect(await claimer.claim(10)).toEqual([]);
  expect(claimer.requests).toHaveLength(2);
  await rig.enqueue(flood("b", 1, "low"));
  expect(await claimer.claim(10)).toHaveLength(1);
  expect(await claimer.claim(10)).toEqual([]);
  expect(claimer.requests).toHaveLength(4);
});

test("a backlog is claimed by one look each, its ends by a second one at most", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue(flood("a", 55));
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  const counts: number[] = [];
  for (let round = 0; round < 7; round += 1) counts.push((await claimer.claim(10)).length);
  expect(counts).toEqual([10, 10, 10, 10, 10, 5, 0]);
  // At the beginning nobody knows that the other levels have nothing.
  expect(claimer.requests.length).toBeLessThanOrEqual(9);
});

test("runs due before the bound are found by a hint, and else by looking back", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue(flood("a", 100));
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  await claimRounds(claimer, { count: 2, slotCount: 5 });
  expect(claimer.requests.at(-1)?.probes.some((probe) => probe.dueFrom !== null)).toBe(true);
  // As a commit that came late, or a run let go with an old due time, leaves them.
  const addLate = async (): Promise<RunId | undefined> => {
    const [late] = await rig.enqueue([{ type: "a" }]);
    const longAgo = "due_at = now() - interval '1 hour', ready_at = now() - interval '1 hour'";
    await rig.database.query(`update orrery.run set ${longAgo} where id = $1`, [late]);
    return late;
  };
  const one = await addLate();
  expect((await claimer.claim(5)).map((run) => run.id)).not.toContain(one);
  const overlooked = await rig.store.runs.listOverlooked(claimer.claiming.bounds.list());
  expect(overlooked).toHaveLength(1);
  claimer.claiming.onQueued(overlooked[0]?.dueFrom);
  expect((await claimer.claim(5)).map((run) => run.id)).toContain(one);
  // The bound is where that claim began: with the late one.
  await claimer.claim(5);
  const other = await addLate();
  expect((await claimer.claim(5)).map((run) => run.id)).not.toContain(other);
  claimer.claiming.onQueued(undefined);
  expect((await claimer.claim(5)).map((run) => run.id)).toContain(other);
});

test("what comes in while a claim is under way is found by the next one", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue(flood("a", 20));
  const claimer = await claimerOn(rig, free(rig, ["a"]));
  await claimer.claim(5);
  const claim = claimer.claim(5);
  claimer.claiming.onQueued(instantFromMicros(7n));
  await claim;
  expect(claimer.claiming.bounds.list().map((bound) => bound.dueFrom)).toEqual([7n]);
});

test("bounds of types with limits for keys, which hold runs back, last a second", async () => {
  const limits = { runningMax: 500, runningPerKeyMax: null, unfinishedMax: null };
  await using rig = await openStoreRig([
    { name: "keyed", limits: { ...limits, runningPerKeyMax: 500 } },
    { name: "limited", limits },
  ]);
  await rig.enqueue([...flood("keyed", 100), ...flood("limited", 100)]);
  const keyed = rig.typeId("keyed");
  const limited = rig.typeId("limited");
  const claimer = await claimerOn(rig, [
    { id: keyed, isLimited: true, isKeyed: true, mayWait: false },
    { id: limited, isLimited: true, isKeyed: false, mayWait: true },
  ]);
  const boundedTypes = (): readonly number[] =>
    claimer.requests.at(-1)?.probes.flatMap((probe) => (probe.dueFrom ? [probe.typeId] : [])) ?? [];
  await claimRounds(claimer, { count: 3, slotCount: 5 });
  expect(boundedTypes()).toEqual(expect.arrayContaining([keyed, limited]));
  claimer.clock.advance(1_000);
  await claimer.claim(5);
  expect(boundedTypes()).toEqual([limited]);
});
