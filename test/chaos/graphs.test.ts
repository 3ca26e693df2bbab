/**
 * A graph over worker processes that are killed throughout, forwards and in reverse, with nodes
 * that add others on the way. What happened is read from the books that handlers and database
 * keep: when each node began, under which token, and when it was taken to have ended.
 */

import { expect, test } from "vitest";

import { createCatalogue } from "../../src/app/task-catalogue.ts";
import { present } from "../../src/kernel/assert.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import type { GraphNodeRequest, TaskGraph } from "../../src/model/graph.ts";
import { createService, type Service } from "../../src/service/service.ts";
import { createDatabase, type TestRow } from "../postgres/database.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, fleetSettings } from "./fleet.ts";
import { fleetWork } from "./fleet-work.ts";
import { auditRuns, type Query } from "./run-audit.ts";

const workerCount = 4;
const killCount = 8;
const nodeCount = 300;
const splitCount = 10;
const partCount = 8;
/** Nodes further back than this are not required, so that the graph is deep. */
const reach = 40;

/** Nodes that require some before them, and splits whose joins everything below waits for. */
function randomNodes(rng: Rng): readonly GraphNodeRequest[] {
  const work = Array.from({ length: nodeCount }, (_, number): GraphNodeRequest => {
    const count = integerBetween(rng, 0, Math.min(number, 3));
    const required = Array.from(
      { length: count },
      () => `node ${integerBetween(rng, Math.max(0, number - reach), number - 1)}`,
    );
    return {
      name: `node ${number}`,
      type: "chaos.node",
      undo: "chaos.node",
      requires: [...new Set(required)],
    };
  });
  const splits = Array.from({ length: splitCount }, (_, number): readonly GraphNodeRequest[] => {
    const join = `join ${number}`;
    const requires = [`node ${integerBetween(rng, 0, nodeCount / 2)}`];
    return [
      // Without undo: its place in the order stays.
      { name: `split ${number}`, type: "chaos.split", requires, input: { join, parts: partCount } },
      { name: join, type: "chaos.node", undo: "chaos.node", requires: [`split ${number}`] },
    ];
  });
  return [...work, ...splits.flat()];
}

/** Each with a statement that answers what breaks it. */
const laws: Readonly<Record<string, string>> = {
  "no node begins before what it requires has ended": `
    select node_start.*, edge.requires_task_id, required.finished_at
    from audit.node_start
    join orrery.task_dependency as edge on edge.task_id = node_start.task_id
    join orrery.task as required on required.id = edge.requires_task_id
    where node_start.at < required.finished_at`,
  "no node is run again after it has ended": `
    select node_start.*, task.finished_at
    from audit.node_start join orrery.task on task.id = node_start.task_id
    where node_start.at > task.finished_at`,
  "no try begins twice": `
    select task_id, fence from audit.node_start group by task_id, fence having count(*) > 1`,
  "every node has one run that ended, and it succeeded": `
    select task.id, count(attempt.run_id)
    from orrery.task
    left join orrery.attempt on attempt.task_id = task.id and attempt.final
      and attempt.state = 'succeeded'
    where task.node_name is not null
    group by task.id
    having count(attempt.run_id) <> 1`,
  "every edge is satisfied": `
    select * from orrery.task_dependency where satisfied_at is null`,
};

async function breaches(query: Query): Promise<readonly (readonly [string, readonly TestRow[]])[]> {
  const found: (readonly [string, readonly TestRow[]])[] = [];
  for (const [law, broken] of Object.entries(laws)) {
    const rows = await query(`select * from (${broken}) as broken limit 5`);
    if (rows.length > 0) found.push([law, rows]);
  }
  return found;
}

/** Kills a worker again and again while the graph runs, each time another share of it is done. */
async function runUnderFire(
  parts: { readonly fleet: Fleet; readonly field: Field; readonly service: Service },
  graph: TaskGraph,
): Promise<TaskGraph> {
  const { fleet, field, service } = parts;
  const ended = async (): Promise<number> => {
    const rows = await field.query(
      "select count(*)::int as n from orrery.task where parent_id = $1 and finished_at is not null",
      [graph.root.id],
    );
    return Number(rows[0]?.["n"]);
  };
  for (let kill = 1; kill <= killCount; kill += 1) {
    const share = Math.floor((graph.nodes.length * kill) / (killCount + 1));
    await until(async () => (await ended()) >= share, {
      what: `${share} nodes to have ended`,
      withinMs: 120_000,
    });
    await fleet.kill(await fleet.seize(field.query));
    fleet.start();
  }
  return await service.waitForGraph(graph.root.id, { timeoutMs: 120_000 });
}

function edgesOf({ nodes }: TaskGraph): readonly string[] {
  return nodes
    .flatMap((node) => node.requires.map((edge) => `${node.name} > ${edge.requires}`))
    .toSorted();
}

test("a graph runs once, in order, and back, however often its workers are killed", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const catalogue = createCatalogue({ tasks: fleetWork, scan: { tasks: [], broken: [] } });
  const clock = systemClock;
  const service = createService({ store: field.store, clock, catalogue, version: "test" });
  const settings = fleetSettings(database.connectionString, { slotCount: 8, leaseMs: 2_000 });
  await using fleet = new Fleet(settings, rng);
  await fleet.startMany(workerCount);

  const submitted = await service.submitGraph({ nodes: randomNodes(rng) });
  const parts = { fleet, field, service };
  const forwards = await runUnderFire(parts, submitted);
  expect(forwards.root.state).toBe("completed");
  expect(forwards.nodes).toHaveLength(nodeCount + splitCount * (2 + partCount));
  expect(await breaches(database.query)).toEqual([]);

  const reverse = await service.undoGraph(forwards.root.id);
  const backwards = await runUnderFire(parts, reverse);
  expect(backwards.root.state).toBe("completed");
  expect(edgesOf(backwards)).toEqual(
    forwards.nodes
      .flatMap((node) => node.requires.map((edge) => `${edge.requires} > ${node.name}`))
      .toSorted(),
  );
  expect(await breaches(database.query)).toEqual([]);

  await database.query(
    "insert into audit.queued select run_id from orrery.attempt where final and state is not null",
  );
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  // Or nobody was killed at work, and all this has shown nothing.
  const lost = await database.query(
    "select count(*)::int as n from orrery.attempt where outcome = 'lost'",
  );
  expect(Number(present(lost[0], "a count")["n"])).toBeGreaterThan(0);
});
