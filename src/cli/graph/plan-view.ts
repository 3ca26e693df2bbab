/** A plan of a graph, as a record for programs and as tables for people. */

import type { GraphPlan, PlannedNode } from "../../graph/graph-plan.ts";
import { type Edge, nameOf } from "../../graph/graph.ts";
import { describeDuration } from "../duration.ts";
import type { Screen } from "../screen.ts";
import type { Table } from "../terminal/table.ts";

/** A plan and what it is a plan of. */
export interface ShownPlan {
  readonly plan: GraphPlan<unknown>;
  readonly edgeCount: number;
  /** Undefined is no bound. */
  readonly concurrency: number | undefined;
  /** Requirements that were dropped to make an order possible. */
  readonly dropped: readonly Edge<unknown>[];
  /** Whether each node has a row, however many there are. */
  readonly all: boolean;
}

/** Above this, people are shown waves instead of nodes unless they ask for all. */
const rowCountMax = 100;
/** Nodes of the critical path that people are shown. */
const pathNodesMax = 12;

/** Shows the plan. */
export function showPlan(screen: Screen, shown: ShownPlan): void {
  screen.show(recordOf(shown), () => printPlan(screen, shown));
}

function recordOf({ plan, edgeCount, dropped }: ShownPlan): object {
  return {
    nodeCount: nodeCountOf(plan),
    edgeCount,
    finishMs: plan.finishMs,
    workMs: plan.workMs,
    criticalPath: {
      nodes: plan.criticalPath.keys.map(nameOf),
      durationMs: plan.criticalPath.weight,
    },
    waves: plan.waves.map((wave) =>
      wave.map(({ node, ...times }) => ({ node: nameOf(node), ...times })),
    ),
    dropped: dropped.map(([requirer, required]) => ({
      node: nameOf(requirer),
      requires: nameOf(required),
    })),
  };
}

function printPlan(screen: Screen, shown: ShownPlan): void {
  const { plan, edgeCount, concurrency, dropped, all } = shown;
  const { keys, weight } = plan.criticalPath;
  const nodeCount = nodeCountOf(plan);
  const limit = concurrency === undefined ? "without a limit" : `${concurrency} at a time`;
  const rest = keys.length > pathNodesMax ? ` > … ${keys.length - pathNodesMax} more` : "";
  screen.fields([
    ["nodes", String(nodeCount)],
    ["requirements", String(edgeCount)],
    ["waves", String(plan.waves.length)],
    ["one at a time", describeDuration(plan.workMs)],
    ["finish", `${describeDuration(plan.finishMs)}, ${limit}`],
    ["longest chain", `${describeDuration(weight)}, ${keys.length} nodes`],
    ["", keys.slice(0, pathNodesMax).map(nameOf).join(" > ") + rest],
    ...(dropped.length === 0 ? [] : [["dropped", `${dropped.length} requirements`] as const]),
  ]);
  screen.line("");
  screen.table(all || nodeCount <= rowCountMax ? nodeTable(plan) : waveTable(plan));
  for (const [requirer, required] of dropped) {
    screen.note(`dropped: ${nameOf(requirer)} requires ${nameOf(required)}`);
  }
}

function nodeTable({ waves, criticalPath }: GraphPlan<unknown>): Table {
  const isCritical = new Set(criticalPath.keys);
  return {
    columns: [
      { title: "WAVE", align: "right" },
      { title: "NODE", flexible: true },
      { title: "START", align: "right" },
      { title: "FINISH", align: "right" },
      { title: "CHAIN" },
    ],
    rows: waves.flatMap((wave, index) =>
      wave.map(({ node, startMs, finishMs }) => [
        String(index + 1),
        nameOf(node),
        describeDuration(startMs),
        describeDuration(finishMs),
        { text: isCritical.has(node) ? "longest" : "", style: "warning" },
      ]),
    ),
  };
}

function waveTable({ waves }: GraphPlan<unknown>): Table {
  return {
    columns: ["WAVE", "NODES", "START", "FINISH"].map((title) => ({
      title,
      align: "right" as const,
    })),
    rows: waves.map((wave, index) => [
      String(index + 1),
      String(wave.length),
      describeDuration(extremeOf(wave, { of: "startMs", from: Infinity, pick: Math.min })),
      describeDuration(extremeOf(wave, { of: "finishMs", from: 0, pick: Math.max })),
    ]),
  };
}

function extremeOf(
  wave: readonly PlannedNode<unknown>[],
  how: {
    readonly of: "startMs" | "finishMs";
    readonly from: number;
    readonly pick: (...numbers: number[]) => number;
  },
): number {
  return wave.reduce((found, node) => how.pick(found, node[how.of]), how.from);
}

function nodeCountOf({ waves }: GraphPlan<unknown>): number {
  return waves.reduce((count, wave) => count + wave.length, 0);
}
