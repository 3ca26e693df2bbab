/** How runs are stopped: by a cancel from elsewhere, by their time-out, by the worker's end. */

import { expect, test } from "vitest";
import { assert } from "../kernel/assert.ts";
import { openRig, type Rig } from "../../test/engine/rig.ts";
import { systemClock } from "../kernel/clock.ts";
import { defineTask } from "../model/define-task.ts";
import type { RunContext } from "../model/handler.ts";
import { openStore } from "../store/open.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import type { EngineEvent } from "./events.ts";

/** Runs until it is asked to stop. */
const patient = defineTask({
  name: "patient",
  graceMs: 200,
  run: ({ signal }: RunContext) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    }),
});

/** Never hears that it is asked to stop. */
const deaf = defineTask({ name: "deaf", graceMs: 200, run: () => new Promise(() => undefined) });

const brief = defineTask({
  name: "brief",
  timeoutMs: 50,
  graceMs: 50,
  retry: { limit: 1, delayMs: 1, factor: 1, delayMsMax: 1, jitter: 0 },
  run: () => new Promise(() => undefined),
});

async function started(rig: Rig): Promise<EngineEvent> {
  return await rig.event((event) => event.kind === "run_started");
}

/** A handler that tells when it is asked to stop, and then ends, or does not. */
function asked(name: string, endsWhenAsked: boolean) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const definition = defineTask({
    name,
    graceMs: 200,
    run: ({ signal }: RunContext) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          resolve();
          if (endsWhenAsked) reject(signal.reason as Error);
        });
      }),
  });
  return { definition, promise };
}

// The engine's clock stands still but for the grace: no poll comes to the help of the hint.
test.each([
  { name: "patient", waits: "at once", graceMs: 0 },
  { name: "deaf", waits: "after its grace", graceMs: 200 },
])("a cancel from another process ends a $name handler $waits", async ({ name, graceMs }) => {
  const clock = createManualClock();
  const handler = asked(name, graceMs === 0);
  await using rig = await openRig({ definitions: [handler.definition], clock });
  const [id] = await rig.enqueue(name, [null]);
  await started(rig);
  const { connectionString } = rig.database;
  await using elsewhere = await openStore({ connectionString, clock: systemClock });
  expect(await elsewhere.runs.requestCancel(id, "not wanted any more")).toBe(true);
  await handler.promise;
  clock.advance(graceMs);
  await rig.ended(1);
  expect(await rig.store.runs.find(id)).toMatchObject({
    state: "cancelled",
    error: { message: "not wanted any more" },
  });
});

test("a cancel whose hint was lost is found by a later look", async () => {
  const clock = createManualClock();
  const handler = asked("patient", true);
  await using rig = await openRig({ definitions: [handler.definition], clock });
  const [id] = await rig.enqueue("patient", [null]);
  await started(rig);
  await rig.database.query(
    "update orrery.run set cancel_requested_at = now(), cancel_reason = 'quietly' where id = $1",
    [id],
  );
  const over = new AbortController();
  const ended = rig.ended(1).finally(() => over.abort());
  // A look that was under way began before the request: moved until one that came later ends it.
  while (!over.signal.aborted) {
    clock.advance(100);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await ended;
  expect(await rig.store.runs.find(id)).toMatchObject({ error: { message: "quietly" } });
});

test("a waiting or blocked run is cancelled where it stands, a running one is not", async () => {
  await using rig = await openRig({ definitions: [patient], worker: { slotCount: 1 } });
  const [first, second] = await rig.enqueue("patient", [1, 2]);
  assert(second !== undefined, "as many as were queued");
  await started(rig);
  expect(await rig.store.runs.cancelIdle(first, "no")).toBe(false);
  expect(await rig.store.runs.cancelIdle(second, "no")).toBe(true);
  expect(await rig.store.runs.requestCancel(second, "no")).toBe(false);
  expect(await rig.store.runs.find(second)).toMatchObject({ state: "cancelled", attempt: 0 });
});

test("a run that takes too long fails, is retried by its policy, and fails for good", async () => {
  await using rig = await openRig({ definitions: [brief] });
  const [id] = await rig.enqueue("brief", [null]);
  await rig.ended(1);
  const run = await rig.store.runs.find(id);
  expect(run).toMatchObject({ state: "failed", failureCount: 2, attempt: 2 });
  expect(run?.error?.code).toBe("ORR_TIMEOUT_RUN");
});

test("a drain lets runs end by themselves and takes on no more", async () => {
  const gate = Promise.withResolvers<string>();
  const waiting = defineTask({ name: "waiting", run: () => gate.promise });
  await using rig = await openRig({ definitions: [waiting], worker: { slotCount: 1 } });
  const [first, second] = await rig.enqueue("waiting", [1, 2]);
  await started(rig);
  const stopping = rig.stop();
  gate.resolve("done");
  await stopping;
  expect(await rig.store.runs.find(first)).toMatchObject({ state: "succeeded", output: "done" });
  if (second !== undefined) {
    expect(await rig.store.runs.find(second)).toMatchObject({ state: "queued", attempt: 0 });
  }
});

test.each(["patient", "deaf"])(
  "a drain past its deadline puts a %s run back uncounted",
  async (name) => {
    await using rig = await openRig({ definitions: [patient, deaf] });
    const [id] = await rig.enqueue(name, [null]);
    await started(rig);
    await rig.engine.stop({ drainMs: 1 });
    expect(await rig.store.runs.find(id)).toMatchObject({
      state: "queued",
      failureCount: 0,
      lostCount: 0,
      workerId: null,
    });
    const stopped = rig.events.find((event) => event.kind === "worker_stopped");
    expect(stopped).toMatchObject({ abandoned: 0 });
    expect(await rig.database.query("select from orrery.claim")).toEqual([]);
    const rows = await rig.database.query("select state::text from orrery.worker");
    expect(rows).toEqual([{ state: "stopped" }]);
  },
);

test("a run of a worker that died is taken up by another, under a new token", async () => {
  await using rig = await openRig({
    definitions: [defineTask({ name: "quick", run: () => "ok" })],
  });
  const { store, database } = rig;
  await rig.stop();
  const [id] = await rig.enqueue("quick", [null]);
  const dead = { host: "gone", pid: 1, version: "test", slotCount: 1 };
  const workerId = await store.workers.start(dead, 1_000);
  const typeId = rig.typeId("quick");
  const { runs } = await store.runs.claim({
    workerId,
    levels: [{ level: 2, limit: 1 }],
    probes: [{ typeId, level: 2, limit: 1, dueFrom: null }],
    limited: [],
    limit: 1,
    leaseMs: 1_000,
  });
  const [stale] = runs;
  assert(stale !== undefined, "as many as were queued");
  await database.query("update orrery.claim set expires_at = now() - interval '1 ms'");
  await using second = await openRig({
    definitions: [defineTask({ name: "quick", run: () => "ok" })],
    database,
  });
  await second.event((event) => event.kind === "reaped");
  await second.ended(1);
  const run = await store.runs.find(id);
  expect(run).toMatchObject({ state: "succeeded", attempt: 2, lostCount: 1 });
  expect(run?.attempts.map((each) => each.outcome)).toEqual(["lost", "eventful"]);
  expect(run?.fence).toBeGreaterThan(stale.fence);
});
