/**
 * Graphs: order and waves of the archive, nodes that do nothing beside p-graph, and how stepped
 * groups grow.
 *
 *     npm run bench:graph              five rounds, recorded in bench/results/
 *     npm run bench:graph -- --quick   one small round, printed only: does it still work?
 *
 * Ends with an error when nodes are lost, not when a target is missed: people judge speed.
 */

import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  breakCycles,
  Dependencies,
  DependencyTaskGroup,
  graphOf,
  shortestCycle,
  topologicalOrder,
  waves,
} from "orrery/graph";
import { describeMachine } from "../machine.ts";
import { rotated } from "../statistics.ts";
import { archiveEdges, type EdgeList, randomEdges } from "./graphs.ts";
import { type Cost, timed } from "./measure.ts";
import { type ArchiveRound, type Recording, renderReport, type RunRound } from "./report.ts";
import { type Concurrency, orrery, pGraph, type Runner } from "./runners.ts";

/** How much work a run of the bench does. */
interface Amount {
  readonly rounds: number;
  /** Nodes that do nothing. */
  readonly nodeCount: number;
  /** Nodes of the smallest stepped group; the others have two and four times as many. */
  readonly steppedCount: number;
}

const fullAmount: Amount = { rounds: 5, nodeCount: 100_000, steppedCount: 25_000 };
const quickAmount: Amount = { rounds: 1, nodeCount: 5_000, steppedCount: 1_000 };

/** What a node requires at most, in the random graphs. */
const requiredCount = 3;
const concurrencies: readonly Concurrency[] = [16, undefined];
const runners: readonly Runner[] = [orrery, pGraph];
const sizes = [1, 2, 4];

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const recording = await record(flags.quick ? quickAmount : fullAmount);
const report = renderReport(recording);
process.stdout.write(`${report}\n`);
if (!flags.quick) {
  const results = path.join(import.meta.dirname, "..", "results");
  await mkdir(results, { recursive: true });
  await writeFile(path.join(results, "graph.md"), `${report}\n`);
  await writeFile(path.join(results, "graph.json"), `${JSON.stringify(recording, undefined, 1)}\n`);
}

async function record({ rounds, nodeCount, steppedCount }: Amount): Promise<Recording> {
  const archive = archiveEdges();
  const noop = randomEdges(nodeCount, requiredCount);
  const groups = sizes.map((times) => randomEdges(times * steppedCount, requiredCount));
  // The first calls compile the code: done once and not counted.
  measureArchive(archive);
  await measureRuns(noop, 0);
  rotatedBack(groups.slice(0, 1), 0);
  const measured: Pick<Recording, "archive" | "runs" | "stepped"> = {
    archive: [],
    runs: [],
    stepped: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    measured.archive.push(measureArchive(archive));
    measured.runs.push(await measureRuns(noop, round));
    measured.stepped.push(rotatedBack(groups, round));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return {
    machine: await describeMachine(),
    node: process.version,
    versions: { orrery: versionOf("orrery"), "p-graph": versionOf("p-graph") },
    rounds,
    noop: { nodeCount, edgeCount: noop.edges.length },
    groups: groups.map(({ names, edges }) => ({
      nodeCount: names.length,
      edgeCount: edges.length,
    })),
    memory: await weighAll(noop),
    ...measured,
  };
}

/** Each step of what the example does, by itself. */
function measureArchive({ edges }: EdgeList): ArchiveRound {
  const build = timed(() => graphOf(edges));
  const cycle = timed(() => shortestCycle(build.result));
  const breaking = timed(() => breakCycles(build.result));
  const { graph } = breaking.result;
  const order = timed(() => topologicalOrder(graph));
  const inWaves = timed(() => waves(graph));
  if (order.result.length !== graph.keys.length) throw new RangeError("the order has gaps");
  return {
    build: build.cost,
    cycle: cycle.cost,
    breaking: breaking.cost,
    order: order.cost,
    waves: inWaves.cost,
  };
}

/** Both libraries side by side, the other one first each round. */
async function measureRuns(list: EdgeList, round: number): Promise<RunRound> {
  const costs: RunRound = {};
  for (const concurrency of concurrencies) {
    for (const runner of rotated(runners, round)) {
      const key = `${runner.name} ${concurrency ?? "no bound"}`;
      costs[key] = await runner.measure(list, concurrency, async () => undefined);
    }
  }
  return costs;
}

async function weighAll(list: EdgeList): Promise<Recording["memory"]> {
  const memory: Recording["memory"] = {};
  for (const concurrency of concurrencies) {
    for (const runner of runners) {
      const key = `${runner.name} ${concurrency ?? "no bound"}`;
      memory[key] = await runner.weigh(list, concurrency);
    }
  }
  return memory;
}

/** The groups, another one first each round; answers their costs in the order of their sizes. */
function rotatedBack(groups: readonly EdgeList[], round: number): readonly Cost[] {
  const costs = new Map(rotated(groups, round).map((list) => [list, stepGroup(list)]));
  return groups.flatMap((list) => costs.get(list) ?? []);
}

/** Builds a group whose nodes each take one step, and steps it to its end. */
function stepGroup({ names, edges }: EdgeList): Cost {
  let count = 0;
  const { cost } = timed(() => {
    const group = new DependencyTaskGroup(new Dependencies(edges), {
      *task() {
        yield;
        count += 1;
      },
    });
    for (const _ of group.run()) continue;
  });
  if (count !== names.length) throw new RangeError(`${count} of ${names.length} nodes have run`);
  return cost;
}

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const facts: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const isKnown = typeof facts === "object" && facts !== null && "version" in facts;
  return isKnown ? String(facts.version) : "unknown";
}
