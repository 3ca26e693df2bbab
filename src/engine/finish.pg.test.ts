/** Reporting the ends of runs: batches, what the database refuses, and answers that get lost. */

import { expect, test } from "vitest";
import { assert } from "../kernel/assert.ts";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { StoreError } from "../kernel/errors.ts";
import { toId, type WorkerId } from "../kernel/ids.ts";
import { eventful, failed, type Outcome, uneventful } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { Conclusion } from "./conclude.ts";
import { Finishing, type Reported } from "./finish.ts";

const workerId = toId<WorkerId>(1, "workerId");

function ending(run: ClaimedRun, outcome: Outcome): Conclusion {
  const { id, fence, taskId, triggerId } = run;
  const end = { id, fence, taskId, triggerId, outcome };
  return { kind: "finish", run: { ...end, durationMs: 1, nextIntervalMs: null } };
}

function comingBack(run: ClaimedRun, outcome: Outcome): Conclusion {
  const { id, fence } = run;
  return { kind: "requeue", run: { id, fence, workerId, outcome, durationMs: 1, delayMs: 0 } };
}

interface Reports {
  readonly finishing: Finishing;
  readonly reported: Reported[];
  /** Turns until nothing is left; answers what turns failed with. */
  readonly drain: () => Promise<readonly unknown[]>;
}

function reportsTo(store: Store): Reports {
  const reported: Reported[] = [];
  const finishing = new Finishing({
    store,
    visiting: { finish: (ports, runs) => ports.runs.finish(runs) },
    beforeReport: () => Promise.resolve(),
    onReported: (each) => reported.push(each),
  });
  const drain = async (): Promise<readonly unknown[]> => {
    const failures: unknown[] = [];
    for (let turn = 0; turn < 20 && finishing.pendingCount > 0; turn += 1) {
      await finishing.turn().catch((thrown: unknown) => failures.push(thrown));
    }
    return failures;
  };
  return { finishing, reported, drain };
}

async function claimed(rig: StoreRig, count: number): Promise<readonly ClaimedRun[]> {
  await rig.enqueue(Array.from({ length: count }, (_, index) => ({ type: "a", input: index })));
  return (await rig.claim()).runs;
}

/** A store whose answers to `method` get lost as often as said, after the work was committed. */
function losing(store: Store, method: "finish" | "requeue", times: number): Store {
  let left = times;
  const cut = new StoreError("ORR_STORE_UNAVAILABLE", "connection terminated", { transient: true });
  const lossy: Store["runs"] = {
    ...store.runs,
    finish: async (runs) => {
      const ids = await store.runs.finish(runs);
      if (method === "finish" && left-- > 0) throw cut;
      return ids;
    },
    requeue: async (runs) => {
      const ids = await store.runs.requeue(runs);
      if (method === "requeue" && left-- > 0) throw cut;
      return ids;
    },
  };
  return { ...store, runs: lossy };
}

test("a batch keeps each run's own outcome, output and error", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const runs = await claimed(rig, 40);
  const { finishing, reported, drain } = reportsTo(rig.store);
  const text = 'ünïcødé 🦊 " \\ \n \u2028 𝄞';
  runs.forEach((run, index) => {
    const outcomes = [
      eventful({ text, index }),
      uneventful(),
      failed(new TypeError(`no ${index}`)),
    ];
    finishing.add(ending(run, outcomes[index % 3] ?? uneventful()));
  });
  expect(await drain()).toEqual([]);
  expect(reported.every((each) => each.isAccepted)).toBe(true);
  for (const [index, run] of runs.entries()) {
    const kept = await rig.store.runs.find(run.id);
    expect(kept?.outcome).toBe(["eventful", "uneventful", "failed"][index % 3]);
    expect(kept?.output).toEqual(index % 3 === 0 ? { text, index } : null);
    expect(kept?.error?.message).toBe(index % 3 === 2 ? `no ${index}` : undefined);
    expect(kept?.input).toBe(index);
  }
  expect(await rig.database.query("select from orrery.run")).toEqual([]);
});

test.each([
  ["a null byte", "\u0000"],
  ["half a surrogate pair", "\ud800"],
])("an output with %s ends its own run as failed and no other", async (_, text) => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const runs = await claimed(rig, 5);
  const { finishing, reported, drain } = reportsTo(rig.store);
  runs.forEach((run, index) =>
    finishing.add(ending(run, eventful(index === 2 ? { text } : index))),
  );
  expect(await drain()).toEqual([]);
  const states = await Promise.all(
    runs.map(async (run) => (await rig.store.runs.find(run.id))?.state),
  );
  expect(states).toEqual(["succeeded", "succeeded", "failed", "succeeded", "succeeded"]);
  expect(reported.map((each) => each.isAccepted)).toEqual([true, true, true, true, true]);
  expect(reported.map(({ conclusion }) => conclusion.run.outcome.kind)).toEqual(
    runs.map((run) => (run === runs[2] ? "failed" : "eventful")),
  );
});

test("a refusal does not make what was taken before it look stale", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  // Two claims, so that the first statement of the batch commits and the second is refused.
  const [first] = await claimed(rig, 1);
  const [second] = await claimed(rig, 1);
  assert(first !== undefined && second !== undefined, "as many as were queued");
  const { finishing, reported, drain } = reportsTo(rig.store);
  finishing.add(ending(first, eventful("fine")));
  finishing.add(ending(second, eventful("\u0000")));
  expect(await drain()).toEqual([]);
  expect(reported.map((each) => each.isAccepted)).toEqual([true, true]);
  expect(await rig.store.runs.find(first.id)).toMatchObject({ output: "fine" });
});

test("what cannot be stored at all is kept back and holds up nobody", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const runs = await claimed(rig, 3);
  const poison = runs[0]?.id;
  await rig.database.query(`create function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'never this one' using errcode = '23514'; end $$`);
  await rig.database.query(`create trigger refuse before insert on orrery.attempt_standard_rest
    for each row when (new.run_id = ${poison}) execute function public.refuse()`);
  const { finishing, reported } = reportsTo(rig.store);
  for (const run of runs) finishing.add(ending(run, eventful()));
  await expect(finishing.turn()).rejects.toThrow("never this one");
  expect(reported).toHaveLength(2);
  expect(finishing.pendingCount).toBe(1);
  await rig.database.query("drop trigger refuse on orrery.attempt_standard_rest");
  await finishing.turn();
  expect(reported.map((each) => each.isAccepted)).toEqual([true, true, true]);
});

test("an answer that got lost after the commit is read back", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const [one, two, three] = await claimed(rig, 3);
  assert(one !== undefined && two !== undefined && three !== undefined, "as many as were queued");
  for (const method of ["finish", "requeue"] as const) {
    const { finishing, reported, drain } = reportsTo(losing(rig.store, method, 2));
    finishing.add(method === "finish" ? ending(one, eventful()) : comingBack(two, failed("no")));
    expect(await drain()).toHaveLength(2);
    expect(reported.map((each) => each.isAccepted)).toEqual([true]);
  }
  expect(await rig.store.runs.find(one.id)).toMatchObject({ state: "succeeded", attempt: 1 });
  expect(await rig.store.runs.find(two.id)).toMatchObject({ state: "queued", failureCount: 1 });
});

test("a connection cut in the middle of a report neither loses nor doubles it", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const runs = await claimed(rig, 60);
  const { finishing, reported } = reportsTo(rig.store);
  for (const run of runs) finishing.add(ending(run, eventful(run.id)));
  for (let cut = 0; finishing.pendingCount > 0; cut += 1) {
    const turn = finishing.turn().catch(() => undefined);
    if (cut < 5) {
      await rig.database.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'orrery' and datname = current_database()`);
    }
    await turn;
  }
  expect(reported.every((each) => each.isAccepted)).toBe(true);
  const kept = await rig.database.query("select count(*)::int as n from orrery.attempt");
  expect(kept).toEqual([{ n: 60 }]);
});

test("a stale report is told to be, and so is one of a run that was claimed anew", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const [stale] = await claimed(rig, 1);
  assert(stale !== undefined, "as many as were queued");
  await rig.store.runs.release([stale]);
  const [current] = (await rig.claim()).runs;
  assert(current !== undefined, "as many as were queued");
  const { finishing, reported, drain } = reportsTo(rig.store);
  finishing.add(ending(stale, eventful("stale")));
  finishing.add(ending(current, eventful("current")));
  await drain();
  expect(reported.map((each) => each.isAccepted)).toEqual([false, true]);
  expect(await rig.store.runs.find(current.id)).toMatchObject({ output: "current" });
});
