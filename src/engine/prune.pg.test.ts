/** What one round of housekeeping does, and that only one process does it. */

import { expect, test } from "vitest";
import { openStoreRig } from "../../test/engine/store-rig.ts";
import type { EngineEvent } from "./events.ts";
import { Pruning } from "./prune.ts";

test("a round rolls the days of history and the months of kept runs", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  rig.setNow("2030-05-10T00:00:00Z");
  await rig.store.swhRunHistory.keepRuns(30);
  const events: EngineEvent[] = [];
  const onEvent = (event: EngineEvent): void => void events.push(event);
  const pruning = new Pruning({ store: rig.store, owner: "one", onEvent });
  expect(await pruning.turn()).toEqual({ inMs: 600_000 });
  expect(events).toMatchObject([{ kind: "pruned", dropped: [], tasks: 0 }]);
  const added = events.flatMap((event) => (event.kind === "pruned" ? event.added : []));
  expect(added).toContain("attempt_standard_20300510");
  expect(added).toContain("swh_task_run_until_20300601");
  expect(await pruning.turn()).toEqual({ inMs: 600_000 });
  expect(events).toHaveLength(1);
});

test("a round forgets workers that ended long ago, and no others", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const { workers } = rig.store;
  const facts = { host: "here", pid: 1, version: "1", slotCount: 1 };
  rig.setNow("2030-01-01T00:00:00Z");
  const [stopped, lost, live, holding] = [
    await workers.start(facts, 1_000),
    await workers.start(facts, 1_000),
    await workers.start(facts, 200 * 86_400_000),
    await workers.start(facts, 1_000),
  ];
  await rig.enqueue([{ type: "a" }]);
  await rig.claim({ workerId: holding, limit: 1 });
  await workers.stop(stopped);
  rig.setNow("2030-01-02T00:00:00Z");
  expect(await workers.expire()).toEqual(expect.arrayContaining([lost, holding]));
  const pruning = new Pruning({ store: rig.store, owner: "one", onEvent: () => undefined });
  const left = async (): Promise<readonly unknown[]> =>
    (await rig.database.query("select id::int from orrery.worker order by id")).map(
      (row) => row["id"],
    );
  rig.setNow("2030-03-01T00:00:00Z");
  await pruning.turn();
  expect(await left()).toEqual(expect.arrayContaining([stopped, lost, live, holding]));
  rig.setNow("2030-04-15T00:00:00Z");
  await pruning.turn();
  expect(await left()).toEqual([live, holding]);
});

test("who finds another process at it leaves it to that one", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const claim = { name: "prune", owner: "other", ttlMs: 60_000 };
  expect(await rig.store.leases.claim(claim)).toBeDefined();
  const events: EngineEvent[] = [];
  const onEvent = (event: EngineEvent): void => void events.push(event);
  const pruning = new Pruning({ store: rig.store, owner: "one", onEvent });
  expect(await pruning.turn()).toEqual({ inMs: 600_000 });
  expect(events).toEqual([]);
});
