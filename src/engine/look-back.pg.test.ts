/** Goal: a run that nobody hinted at is found. Method: rows changed past the store. */

import { expect, test } from "vitest";
import { openStoreRig } from "../../test/engine/store-rig.ts";
import { type Instant, instantFromMillis } from "../kernel/instant.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { ClaimBounds } from "./claim-bounds.ts";
import { LookBack } from "./look-back.ts";

const nowMs = 1_767_225_600_000;
const hourBefore = instantFromMillis(nowMs - 3_600_000);

test("the first run before a bound of its type and level is found", async () => {
  await using rig = await openStoreRig([{ name: "a" }, { name: "b" }]);
  const bounds = new ClaimBounds();
  const found: Instant[] = [];
  const lookBack = new LookBack({
    store: rig.store,
    clock: createManualClock(),
    bounds,
    onFound: (dueFrom) => found.push(dueFrom),
  });
  await rig.enqueue([{ type: "a" }, { type: "a" }, { type: "b", priority: "low" }]);
  const at = "'2025-12-31T23:00:00Z'::timestamptz + (id - 1) * interval '1 minute'";
  await rig.database.query(`update orrery.run set due_at = ${at}, ready_at = ${at}`);
  bounds.set({ typeId: rig.typeId("b"), level: 2, dueFrom: instantFromMillis(nowMs) });
  expect(await lookBack.turn()).toEqual({ inMs: 1_000 });
  expect(found).toEqual([]);
  bounds.set({ typeId: rig.typeId("a"), level: 2, dueFrom: instantFromMillis(nowMs) });
  await lookBack.turn();
  expect(found).toEqual([hourBefore]);
  bounds.lower(hourBefore);
  await lookBack.turn();
  expect(found).toHaveLength(1);
});

test("looks that take long are far apart", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const [bounds, clock] = [new ClaimBounds(), createManualClock()];
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
