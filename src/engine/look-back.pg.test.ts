/** Goal: a run that nobody hinted at is found. Method: rows changed past the store. */

import { expect, test } from "vitest";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { instantFromMillis } from "../kernel/instant.ts";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import { ClaimBounds } from "./claim-bounds.ts";
import { LookBack } from "./look-back.ts";

interface Looking {
  readonly bounds: ClaimBounds;
  readonly lookBack: LookBack;
  readonly clock: ManualClock;
  readonly foundCount: () => number;
}

function lookingAt(rig: StoreRig): Looking {
  const bounds = new ClaimBounds();
  const clock = createManualClock();
  let count = 0;
  const onFound = (): void => {
    count += 1;
  };
  const lookBack = new LookBack({ store: rig.store, clock, bounds, onFound });
  return { bounds, lookBack, clock, foundCount: () => count };
}

const nowMs = 1_767_225_600_000;

test("a run before the bound lowers it, once, and only that of its type and level", async () => {
  await using rig = await openStoreRig([{ name: "a" }, { name: "b" }]);
  const { bounds, lookBack, foundCount } = lookingAt(rig);
  const [a, b] = [rig.typeId("a"), rig.typeId("b")];
  const dueFrom = instantFromMillis(nowMs);
  for (const typeId of [a, b]) bounds.set({ typeId, level: 2, dueFrom });
  await rig.enqueue([{ type: "a" }, { type: "a", priority: "low" }]);
  const earlier = "due_at = '2025-12-31T23:00:00Z', ready_at = '2025-12-31T23:00:00Z'";
  await rig.database.query(`update orrery.run set ${earlier}`);
  expect(await lookBack.turn()).toEqual({ inMs: 1_000 });
  expect(foundCount()).toBe(1);
  const hourBefore = instantFromMillis(nowMs - 3_600_000);
  expect(bounds.list()).toEqual([
    { typeId: a, level: 2, dueFrom: hourBefore },
    { typeId: b, level: 2, dueFrom },
  ]);
  await lookBack.turn();
  expect(foundCount()).toBe(1);
});

test("looks that take long are far apart", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const { bounds, clock } = lookingAt(rig);
  bounds.set({ typeId: rig.typeId("a"), level: 2, dueFrom: instantFromMillis(nowMs) });
  // The store as it is, while the clock goes on.
  const runs: typeof rig.store.runs = {
    ...rig.store.runs,
    listOverlooked: async (known) => {
      clock.advance(300);
      return await rig.store.runs.listOverlooked(known);
    },
  };
  const store = { ...rig.store, runs };
  const slow = new LookBack({ store, clock, bounds, onFound: () => undefined });
  expect(await slow.turn()).toEqual({ inMs: 15_000 });
});
