/**
 * Goal: however many processes grab ready tasks at once, and also when one is killed in the middle,
 * no task is handed out twice and none is left behind. Method: eight processes over 100,000 rows;
 * each tells what it got, and the rows say the rest.
 */

import { expect, test } from "vitest";
import { createDatabase } from "../postgres/database.ts";
import { ChildProgram } from "./child-program.ts";

const taskCount = 100_000;
const processCount = 8;
const batch = 100;

/** What a process was handed. */
function idsOf(process: ChildProgram): readonly number[] {
  return process.told
    .filter(({ kind }) => kind === "grabbed")
    .flatMap(({ ids }) => (Array.isArray(ids) ? ids.map(Number) : []));
}

test("of eight processes no two grab the same task, and none is left behind", async () => {
  await using database = await createDatabase();
  await database.query(
    `insert into orrery.swh_task_type (type, description, backend_name) values ('git', '', 'b')`,
  );
  await database.query(
    `insert into orrery.swh_task (type_id, arguments, next_run, status, policy, retries_left)
     select 1, jsonb_build_object('args', jsonb_build_array(number)),
       timestamptz '2024-01-01 00:00:00+00' + number % 1000 * interval '1 second',
       'next_run_not_scheduled', 'oneshot', 0
     from generate_series(1, $1) as number`,
    [taskCount],
  );
  await using started = new AsyncDisposableStack();
  const { connectionString } = database;
  const processes = Array.from({ length: processCount }, () =>
    started.use(new ChildProgram("swh-grab-program.ts", { connectionString, batch })),
  );
  for (const each of processes) await each.hears(({ kind }) => kind === "ready", "its start");
  for (const each of processes) each.order({ kind: "go" });
  const [victim, ...others] = processes;
  await victim?.hears(({ kind }) => kind === "grabbed", "its first batch");
  await victim?.kill();
  for (const each of others) await each.hears(({ kind }) => kind === "done", "its end", 200_000);

  const told = processes.flatMap(idsOf);
  expect(new Set(told).size).toBe(told.length);
  // The one that was killed may have been handed a batch that it could not tell of any more.
  expect(taskCount - told.length).toBeLessThanOrEqual(batch);
  const waiting = await database.query(
    "select count(*)::int as n from orrery.swh_task where status <> 'next_run_scheduled'",
  );
  expect(waiting).toEqual([{ n: 0 }]);
  // It would prove little if one process had taken everything.
  expect(others.filter((each) => idsOf(each).length > batch).length).toBeGreaterThan(4);
});
