/** How long runs of the Software Heritage scheduler are kept, and what goes with them. */

import { expect, test } from "vitest";
import { createDatabase } from "../../test/postgres/database.ts";
import { migrateUntil } from "../../test/postgres/old-schema.ts";
import { openSwhRig, type SwhRig } from "../../test/swh/rig.ts";
import type { NewTask, Task } from "../compat/swh/records.ts";
import { createLocalSwhScheduler } from "../compat/swh/local-scheduler.ts";
import { present } from "../kernel/assert.ts";
import { systemClock } from "../kernel/clock.ts";
import { intervalOf } from "../kernel/interval.ts";
import { parseInstant } from "../kernel/instant.ts";
import { migrate } from "./migrate.ts";
import { openStore } from "./open.ts";

const at = parseInstant("2030-01-01T00:00:00Z");

async function createTask(rig: SwhRig, more: Partial<NewTask> = {}): Promise<Task> {
  const names = { type: "git", description: "", backendName: "b" };
  const defaultInterval = intervalOf({ days: 1 });
  await rig.scheduler.createTaskType({ ...names, defaultInterval, backoffFactor: 1 });
  const created = await rig.scheduler.createTasks([
    { type: "git", arguments: {}, nextRun: at, policy: "oneshot", ...more },
  ]);
  return present(created[0], "the task");
}

async function partitionsOf(rig: SwhRig): Promise<readonly unknown[]> {
  const rows = await rig.database.query(
    `select relname as part from orrery.swh_task_run
     join pg_class on pg_class.oid = swh_task_run.tableoid order by backend_id`,
  );
  return rows.map(({ part }) => part);
}

test("runs are kept for ever unless it is said how long", async () => {
  await using rig = await openSwhRig();
  rig.setNow("2030-05-10T00:00:00Z");
  await rig.scheduler.scheduleTaskRun((await createTask(rig)).id, "a");
  rig.setNow("2090-05-10T00:00:00Z");
  const nothing = { added: [], dropped: [], tasks: 0, isDone: true };
  expect(await rig.store.swhRunHistory.rollRuns()).toEqual(nothing);
  expect(await partitionsOf(rig)).toEqual(["swh_task_run_rest"]);
});

test("months come ahead of time and go when none of their runs is kept", async () => {
  await using rig = await openSwhRig();
  const { swhRunHistory } = rig.store;
  await swhRunHistory.keepRuns(30);
  rig.setNow("2030-05-10T00:00:00Z");
  const task = await createTask(rig);
  await rig.scheduler.scheduleTaskRun(task.id, "a");
  const { added } = await swhRunHistory.rollRuns();
  expect(added).toEqual(["swh_task_run_until_20300601", "swh_task_run_until_20300701"]);
  await rig.scheduler.scheduleTaskRun(task.id, "b");
  rig.setNow("2030-06-30T23:59:59Z");
  expect(await swhRunHistory.rollRuns()).toMatchObject({
    added: ["swh_task_run_until_20300801"],
    dropped: [],
  });
  await rig.scheduler.scheduleTaskRun(task.id, "c");
  expect(await partitionsOf(rig)).toEqual([
    "swh_task_run_until_20300601",
    "swh_task_run_until_20300601",
    "swh_task_run_until_20300701",
  ]);
  // Runs of every month are found, changed and archived as before.
  expect(await rig.scheduler.startTaskRun("a")).toMatchObject({ status: "started" });
  expect(await rig.scheduler.endTaskRun("c", "eventful")).toMatchObject({ status: "eventful" });
  const span = { afterTs: "2030-01-01", beforeTs: "2031-01-01" };
  expect((await rig.scheduler.filterTaskToArchive(span)).tasks).toHaveLength(3);
  rig.setNow("2030-07-01T00:00:00Z");
  expect(await swhRunHistory.rollRuns()).toEqual({
    added: ["swh_task_run_until_20300901"],
    dropped: ["swh_task_run_gone_20300601"],
    tasks: 0,
    isDone: true,
  });
  const left = await rig.scheduler.getTaskRuns([task.id]);
  expect(left.map(({ backendId }) => backendId)).toEqual(["c"]);
});

test("tasks that ended for good go with their last run, others stay", async () => {
  await using rig = await openSwhRig();
  const { swhRunHistory } = rig.store;
  await swhRunHistory.keepRuns(30);
  rig.setNow("2030-05-10T00:00:00Z");
  const numbered = async (number: number, more: Partial<NewTask> = {}): Promise<Task> =>
    await createTask(rig, { arguments: { args: [number] }, ...more });
  const done = await numbered(1);
  const repeated = await numbered(2, { policy: "recurring" });
  const disabled = await numbered(3, { policy: "recurring" });
  const doneLater = await numbered(4);
  const neverRun = await numbered(5, { status: "disabled" });
  for (const task of [done, repeated, disabled, doneLater]) {
    await rig.scheduler.scheduleTaskRun(task.id, `job ${task.id}`);
    await rig.scheduler.endTaskRun(`job ${task.id}`, "eventful");
  }
  await rig.scheduler.disableTasks([disabled.id]);
  await swhRunHistory.rollRuns();
  rig.setNow("2030-06-10T00:00:00Z");
  await rig.scheduler.scheduleTaskRun(doneLater.id, "again");
  rig.setNow("2030-07-01T00:00:00Z");
  expect(await swhRunHistory.rollRuns()).toMatchObject({ tasks: 2, isDone: true });
  const left = (await rig.scheduler.searchTasks()).map(({ id }) => id);
  expect(left).toEqual([repeated.id, doneLater.id, neverRun.id]);
});

test("a month that nobody has rolled in time is the end of a longer one", async () => {
  await using rig = await openSwhRig();
  const { swhRunHistory } = rig.store;
  await swhRunHistory.keepRuns(1);
  rig.setNow("2030-05-10T00:00:00Z");
  await swhRunHistory.rollRuns();
  rig.setNow("2030-09-10T00:00:00Z");
  await rig.scheduler.scheduleTaskRun((await createTask(rig)).id, "a");
  expect(await swhRunHistory.rollRuns()).toMatchObject({
    added: ["swh_task_run_until_20301001", "swh_task_run_until_20301101"],
    dropped: ["swh_task_run_gone_20300601", "swh_task_run_gone_20300701"],
  });
  expect(await partitionsOf(rig)).toEqual(["swh_task_run_until_20301001"]);
});

test("calls go on while months come and go, and no run is lost", async () => {
  await using rig = await openSwhRig();
  const { swhRunHistory } = rig.store;
  await swhRunHistory.keepRuns(1000);
  rig.setNow("2030-05-10T00:00:00Z");
  const { id } = await createTask(rig, { policy: "recurring" });
  const names: string[] = [];
  for (const month of ["05", "06", "07", "08"]) {
    rig.setNow(`2030-${month}-10T00:00:00Z`);
    const added = Array.from({ length: 40 }, (_, number) => `${month} ${number}`);
    const calls = added.map(async (name) => {
      await rig.scheduler.scheduleTaskRun(id, name);
      await rig.scheduler.endTaskRun(name, "eventful");
    });
    await Promise.all([...calls, swhRunHistory.rollRuns(), swhRunHistory.rollRuns()]);
    names.push(...added);
  }
  const runs = await rig.scheduler.getTaskRuns([id]);
  expect(runs.map(({ backendId }) => backendId).toSorted()).toEqual(names.toSorted());
  expect(runs.filter(({ status }) => status !== "eventful")).toEqual([]);
});

test("a month full of tasks is worked off in turns, and then dropped", async () => {
  await using rig = await openSwhRig();
  const { swhRunHistory } = rig.store;
  await swhRunHistory.keepRuns(1);
  rig.setNow("2030-05-10T00:00:00Z");
  await createTask(rig);
  await rig.database.query(
    `with task as (
       insert into orrery.swh_task (type_id, arguments, next_run, status, policy, retries_left)
       select 1, '{}', timestamptz '2030-01-01', 'completed', 'oneshot', 0
       from generate_series(1, 20500)
       returning id
     )
     insert into orrery.swh_task_run (task_id, recorded_at)
     select id, timestamptz '2030-05-01' from task`,
  );
  await swhRunHistory.rollRuns();
  rig.setNow("2030-06-10T00:00:00Z");
  const first = await swhRunHistory.rollRuns();
  expect(first).toMatchObject({ dropped: [], tasks: 20_000, isDone: false });
  // Another process, which does not know how far this one came.
  const { connectionString } = rig.database;
  const now = parseInstant("2030-06-10T00:00:00Z");
  await using other = await openStore({ connectionString, clock: systemClock, now: () => now });
  expect(await other.swhRunHistory.rollRuns()).toMatchObject({ tasks: 0, isDone: false });
  const last = await swhRunHistory.rollRuns();
  const dropped = ["swh_task_run_gone_20300601"];
  expect(last).toMatchObject({ dropped, tasks: 500, isDone: true });
  expect(await rig.scheduler.searchTasks()).toHaveLength(1);
});

test("runs of an earlier release are brought along", async () => {
  await using database = await createDatabase();
  await migrateUntil(database, "0004_place_versions");
  await database.query(
    `insert into orrery.swh_task_type (type, description, backend_name) values ('git', '', 'b')`,
  );
  await database.query(
    `insert into orrery.swh_task (id, type_id, arguments, next_run, status, policy, retries_left)
     values (1, 1, '{"args": [], "kwargs": {}}', now(), 'next_run_not_scheduled', 'oneshot', 0)`,
  );
  await database.query(
    "insert into orrery.swh_task_run (task_id, backend_id) values (1, 'a'), (1, 'b')",
  );
  const { connectionString } = database;
  await migrate({ connectionString, schema: "orrery" });
  await using store = await openStore({ connectionString, clock: systemClock });
  const scheduler = createLocalSwhScheduler({ store });
  await store.swhRunHistory.keepRuns(400);
  expect((await store.swhRunHistory.rollRuns()).added).toHaveLength(2);
  expect(await scheduler.endTaskRun("b", "eventful")).toMatchObject({ status: "eventful" });
  expect(await scheduler.getTaskRuns([1])).toHaveLength(2);
  const unknown = scheduler.scheduleTaskRun(2, "c");
  await expect(unknown).rejects.toMatchObject({ fault: "ForeignKeyViolation" });
});
