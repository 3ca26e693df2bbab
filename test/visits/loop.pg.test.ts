/** The loops of a process that fill queues of visits, at work beside its worker. */

import { expect, it, onTestFinished } from "vitest";

import { Orrery } from "../../src/app/orrery.ts";
import type { OrreryOptions } from "../../src/app/orrery-options.ts";
import type { EngineEvent } from "../../src/engine/events.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { urlOf } from "./stepped-rig.ts";

interface LoopRig {
  readonly orrery: Orrery;
  readonly database: TestDatabase;
  /** Resolves when so many visits have ended. */
  readonly ended: (count: number) => Promise<void>;
}

/** Longer than the test: what happens in it does so without a poll. */
const neverMs = 3_600_000;

async function open(options: Partial<OrreryOptions> = {}): Promise<LoopRig> {
  const database = await createDatabase();
  let seenCount = 0;
  const waiting = new Set<() => void>();
  const orrery = await Orrery.open({
    databaseUrl: database.connectionString,
    tasks: [defineTask({ name: "load-git", run: () => ({ snapshot: "ab" }) })],
    visits: {
      git: { task: "load-git", queueLength: 20, refillPart: 0.5, pollMs: neverMs, idleMs: neverMs },
    },
    ...options,
    onEvent: ({ kind }: EngineEvent) => {
      if (kind !== "run_ended") return;
      seenCount += 1;
      for (const look of waiting) look();
    },
  });
  onTestFinished(async () => {
    await orrery.close({ drainMs: 0 });
    await database[Symbol.asyncDispose]();
  });
  const ended = async (count: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (seenCount >= count) resolve();
      };
      waiting.add(look);
      look();
    });
  };
  return { orrery, database, ended };
}

async function list({ orrery }: LoopRig, count: number): Promise<void> {
  const origins = Array.from({ length: count }, (_, index) => ({
    url: urlOf(index),
    visitType: "git",
  }));
  await orrery.frontier.importOrigins({ lister: { name: "lister" }, origins, finished: true });
}

it("fill a queue as room appears, without waiting for a poll", async () => {
  const rig = await open();
  await rig.orrery.pause();
  await list(rig, 200);
  // Pausing and resuming wakes the loop; from then on ends of runs do.
  await rig.orrery.resume();
  await rig.ended(200);
  const visited = "select count(*)::int as n from orrery.origin where last_visit_at is not null";
  expect(await rig.database.query(visited)).toEqual([{ n: 200 }]);
});

it("queue nothing while everything is paused, and go on at once afterwards", async () => {
  const rig = await open({ worker: false, fire: true });
  await rig.orrery.pause();
  await list(rig, 5);
  expect(await rig.orrery.visits.refill("git")).toMatchObject({ state: "paused" });
  expect((await rig.orrery.visits.list())[0]).toEqual({
    visitType: "git",
    task: "load-git",
    queueLength: 20,
    unfinishedCount: 0,
    shares: {
      "already-visited-by-lag": 0.49,
      "never-visited-oldest-update-first": 0.49,
      "without-last-update": 0.02,
    },
  });
  await rig.orrery.resume();
  await expect
    .poll(async () => (await rig.orrery.visits.list())[0]?.unfinishedCount, { timeout: 20_000 })
    .toBe(5);
});

it("leave it to any worker to say what came of a visit, also to one without queues", async () => {
  const scheduler = await open({ worker: false });
  await list(scheduler, 5);
  await scheduler.orrery.visits.refill("git");
  const { connectionString } = scheduler.database;
  const worker = await open({ databaseUrl: connectionString, visits: {} });
  await worker.ended(5);
  const origins = [{ url: urlOf(3), visitType: "git" }];
  expect((await scheduler.orrery.frontier.getVisitStats(origins))[0]).toMatchObject({
    lastVisitStatus: "successful",
    lastSnapshot: "ab",
  });
});

it("are refused at the start when nobody knows their task type", async () => {
  await expect(open({ visits: { git: { task: "load-gti" } } })).rejects.toMatchObject({
    code: "ORR_CONFIG_INVALID",
    message: 'visits.git.task must name a task type, not "load-gti"; did you mean "load-git"?',
    details: { field: "visits.git.task" },
  });
  await expect(
    open({ visits: { git: { task: "load-git", queueLength: 0 } } }),
  ).rejects.toMatchObject({
    code: "ORR_CONFIG_INVALID",
    details: { field: "visits.git.queueLength", value: 0 },
  });
});

it("are asked for by their visit type", async () => {
  const { orrery } = await open({ worker: false });
  await expect(orrery.visits.refill("gti")).rejects.toMatchObject({
    code: "ORR_INPUT_INVALID",
    message: 'visitType must be one of those that have a queue here (git), not "gti"',
  });
});
