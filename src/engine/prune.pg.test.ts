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
