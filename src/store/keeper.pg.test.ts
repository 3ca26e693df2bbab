/**
 * A handler that computes for longer than its lease, without ever awaiting, keeps its run. The
 * database itself watches the lease meanwhile, since nothing in this process can. Real time: no
 * manual clock blocks a thread.
 */

import { expect, test } from "vitest";
import { openRig } from "../../test/engine/rig.ts";
import { systemClock } from "../kernel/clock.ts";
import { defineTask } from "../model/define-task.ts";

/** Short, so that the test is; the keeper looks eight times as often. */
const leaseMs = 1_600;
const blockedMs = leaseMs * 2.5;

test("a handler that blocks its thread for longer than a lease is not taken for dead", async () => {
  let watched: Promise<readonly Record<string, unknown>[]> | undefined;
  const compute = defineTask({
    name: "compute",
    run: async () => {
      watched = rig.database.query("select lease_was_lost($1) as lost", [blockedMs]);
      await rig.store.system.now();
      const startMs = systemClock.monotonicMs();
      while (systemClock.monotonicMs() - startMs < blockedMs) Math.sqrt(startMs);
      return "done";
    },
  });
  await using rig = await openRig({ definitions: [compute], worker: { leaseMs } });
  await rig.database.query(`
    create function lease_was_lost(for_ms double precision) returns boolean
    language plpgsql as $$
    declare stop_at timestamptz := clock_timestamp() + for_ms * interval '1 millisecond';
    begin
      while clock_timestamp() < stop_at loop
        if not exists (select from orrery.claim where expires_at > clock_timestamp()) then
          return true;
        end if;
        perform pg_sleep(0.01);
      end loop;
      return false;
    end $$`);
  const [id] = await rig.enqueue("compute", [null]);
  await rig.ended(1);
  expect(await watched).toEqual([{ lost: false }]);
  expect(await rig.store.runs.find(id)).toMatchObject({ state: "succeeded", lostCount: 0 });
});
