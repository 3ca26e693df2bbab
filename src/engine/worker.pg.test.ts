/** The loops of a worker together: nothing that can run waits for the next poll. */

import { expect, test } from "vitest";
import { openRig, type Rig } from "../../test/engine/rig.ts";
import { defineTask } from "../model/define-task.ts";
import type { RunContext } from "../model/handler.ts";

/** No test may lean on a poll. */
const worker = { pollMs: 60_000 };

function endedCount(rigs: readonly Rig[]): number {
  const events = rigs.flatMap((rig) => rig.events);
  return events.filter((event) => event.kind === "run_ended").length;
}

test("runs of a type that takes one at a time follow each other at once", async () => {
  let running = 0;
  let peak = 0;
  const one = defineTask({
    name: "one",
    limits: { runningMax: 1 },
    run: async () => {
      running += 1;
      peak = Math.max(peak, running);
      await Promise.resolve();
      running -= 1;
    },
  });
  await using rig = await openRig({ definitions: [one], worker });
  await rig.enqueue("one", [1, 2, 3, 4, 5, 6]);
  await rig.ended(6);
  expect(peak).toBe(1);
});

test("a retry starts when it is due, and a run for later when its time has come", async () => {
  const flaky = defineTask({
    name: "flaky",
    retry: { limit: 1, delayMs: 50, factor: 1, delayMsMax: 50, jitter: 0 },
    run: ({ attempt }: RunContext) => {
      if (attempt === 1) throw new TypeError("not yet");
    },
  });
  await using rig = await openRig({ definitions: [flaky], worker });
  const now = await rig.store.system.now();
  const run = { typeId: rig.typeId("flaky"), input: null, concurrencyKey: null, overrides: {} };
  const dueAt = (now + 300_000n) as typeof now;
  await rig.store.runs.enqueue([{ ...run, priority: "low", dueAt }]);
  await rig.ended(1);
  expect((await rig.store.system.now()) - now).toBeGreaterThanOrEqual(300_000n);
});

test("a run due before the place where claims begin, of which nobody hints, is found", async () => {
  const quick = defineTask({ name: "quick", run: () => "done" });
  await using rig = await openRig({ definitions: [quick], worker });
  await rig.enqueue("quick", [1]);
  await rig.ended(1);
  await rig.database.query(`insert into orrery.run
      (type_id, state, priority, due_at, ready_at, created_at, input)
    select type_id, 'queued', priority, due_at - interval '1 hour', due_at - interval '1 hour',
      created_at, input
    from orrery.attempt`);
  await rig.ended(2);
  expect(await rig.database.query("select from orrery.run")).toEqual([]);
});

test("a run that becomes due while the queue is looked at waits for no poll", async () => {
  const quick = defineTask({ name: "quick", run: () => "done" });
  const asked = Promise.withResolvers<void>();
  const isDue = Promise.withResolvers<void>();
  await using rig = await openRig({
    definitions: [quick],
    worker,
    storeAs: (store) => ({
      ...store,
      // Hints would make up for it.
      notifier: { subscribe: () => ({ [Symbol.dispose]: () => undefined }) },
      runs: {
        ...store.runs,
        // The question what comes next takes its time: when it is answered, it has come.
        findNextDueMs: async (types) => {
          asked.resolve();
          await isDue.promise;
          return await store.runs.findNextDueMs(types);
        },
      },
    }),
  });
  await asked.promise;
  const [id] = await rig.enqueue("quick", [null]);
  isDue.resolve();
  await rig.ended(1);
  expect(await rig.store.runs.find(id)).toMatchObject({ state: "succeeded", output: "done" });
});

test("more runs than slots all run, without a poll between them", async () => {
  const quick = defineTask({ name: "quick", run: () => "done" });
  await using rig = await openRig({ definitions: [quick], worker: { ...worker, slotCount: 3 } });
  await rig.enqueue(
    "quick",
    Array.from({ length: 200 }, (_, index) => index),
  );
  await rig.ended(200);
  const rows = await rig.database.query("select count(*)::int as n from orrery.attempt");
  expect(rows).toEqual([{ n: 200 }]);
});

test("four engines never pass a limit together, and each run is run once", async () => {
  let running = 0;
  let peak = 0;
  const perKey = new Map<string, number>();
  let peakOfKey = 0;
  const seen: unknown[] = [];
  const pair = defineTask({
    name: "pair",
    limits: { runningMax: 3, runningPerKeyMax: 2 },
    run: async ({ params }: RunContext) => {
      const key = String(Number(params) % 3);
      seen.push(params);
      running += 1;
      perKey.set(key, (perKey.get(key) ?? 0) + 1);
      peak = Math.max(peak, running);
      peakOfKey = Math.max(peakOfKey, perKey.get(key) ?? 0);
      // A turn of the event loop, so that the engines come to each other's turn.
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      perKey.set(key, (perKey.get(key) ?? 0) - 1);
    },
  });
  const options = { definitions: [pair], worker: { pollMs: 100, slotCount: 4 } };
  await using first = await openRig(options);
  await using second = await openRig({ ...options, database: first.database });
  await using third = await openRig({ ...options, database: first.database });
  await using fourth = await openRig({ ...options, database: first.database });
  await first.store.runs.enqueue(
    Array.from({ length: 60 }, (_, index) => ({
      typeId: first.typeId("pair"),
      input: index,
      priority: "normal" as const,
      concurrencyKey: String(index % 3),
      overrides: {},
      dueAt: null,
    })),
  );
  const rigs = [first, second, third, fourth];
  await Promise.race(
    rigs.map((rig) => rig.event((event) => event.kind === "run_ended" && endedCount(rigs) === 60)),
  );
  expect(seen.toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 60 }, (_, index) => index),
  );
  expect(peak).toBeLessThanOrEqual(3);
  expect(peakOfKey).toBeLessThanOrEqual(2);
});

test("progress that is reported up to the end disturbs no ending", async () => {
  const busy = defineTask({
    name: "busy",
    run: ({ progress, log }: RunContext) => {
      for (let step = 0; step <= 10; step += 1) progress(step / 10, `step ${step}`);
      log.info("done");
    },
  });
  await using rig = await openRig({ definitions: [busy], worker: { slotCount: 50 } });
  await rig.enqueue(
    "busy",
    Array.from({ length: 300 }, (_, index) => index),
  );
  await rig.ended(300);
  expect(rig.events.filter((event) => event.kind === "loop_failed")).toEqual([]);
});
