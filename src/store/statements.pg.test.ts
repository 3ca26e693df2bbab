/** Every statement is known to a migrated database: prepared by name, nothing executed. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { createDatabase } from "../../test/postgres/database.ts";
import { messageOf } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";
import type { Statement } from "./statement.ts";
import * as dateStyle from "./statements/date-style.ts";
import * as forecast from "./statements/forecast.ts";
import { choices } from "./statements/frontier-choose.ts";
import * as frontierCounts from "./statements/frontier-counts.ts";
import * as frontierListers from "./statements/frontier-listers.ts";
import * as frontierOrigins from "./statements/frontier-origins.ts";
import * as frontierRecords from "./statements/frontier-record.ts";
import * as frontierStats from "./statements/frontier-stats.ts";
import { takeReady } from "./statements/frontier-take-ready.ts";
import * as frontierTakes from "./statements/frontier-take.ts";
import * as graphs from "./statements/graph.ts";
import * as history from "./statements/history.ts";
import * as keeping from "./statements/keep.ts";
import * as claims from "./statements/run-claim.ts";
import * as ends from "./statements/run-end.ts";
import * as queue from "./statements/run-queue.ts";
import * as creations from "./statements/task-create.ts";
import * as settlements from "./statements/task-settle.ts";
import * as swhRuns from "./statements/swh-run.ts";
import * as swhRunMonths from "./statements/swh-run-month.ts";
import * as swhTasks from "./statements/swh-task.ts";
import * as types from "./statements/task-type.ts";
import * as tasks from "./statements/task.ts";
import * as triggerChanges from "./statements/trigger-change.ts";
import * as triggers from "./statements/trigger.ts";
import * as visitQueues from "./statements/visit-queue.ts";
import * as workers from "./statements/worker.ts";

const rooms = [
  dateStyle,
  forecast,
  frontierCounts,
  frontierListers,
  frontierOrigins,
  frontierRecords,
  frontierStats,
  frontierTakes,
  takeReady,
  ...Object.values(choices).flatMap((paths) => Object.values(paths)),
  graphs,
  history,
  keeping,
  claims,
  ends,
  queue,
  creations,
  settlements,
  swhRuns,
  swhRunMonths,
  swhTasks,
  types,
  tasks,
  triggerChanges,
  triggers,
  visitQueues,
  workers,
];

const statements = rooms.flatMap((room) => Object.values(room).filter(isStatement));

function isStatement(value: unknown): value is Statement<unknown> {
  return isRecord(value) && typeof value["text"] === "string" && typeof value["name"] === "string";
}

test("statements have names of their own", () => {
  const names = statements.map((statement) => statement.name);
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
});

test("the database accepts every statement", async () => {
  await using database = await createDatabase();
  const client = new Client({ connectionString: database.connectionString });
  await client.connect();
  const refused: string[] = [];
  for (const statement of statements) {
    const text = statement.text.replaceAll("{schema}", '"orrery"');
    await client
      .query(`prepare ${statement.name} as ${text}`)
      .catch((error: unknown) => refused.push(`${statement.name}: ${messageOf(error)}`));
  }
  await client.end();
  expect(refused).toEqual([]);
});
