/**
 * Whether the stepped group is linear: the same shapes at sizes that double, and the time for each
 * node, edge and step. What is linear stays level down a column; what scans all nodes in every pass
 * doubles with each row.
 */

import { Dependencies, DependencyTaskGroup, type Edge } from "orrery/graph";

import { summarise } from "../statistics.ts";

/** One shape at one size; times are medians. */
export interface SteppedResult {
  readonly shape: string;
  readonly nodeCount: number;
  readonly edgeCount: number;
  /** Edges to a group that is ready to run: graph, order and a runner for each node. */
  readonly buildMs: number;
  /** The whole run, one step after another without waiting. */
  readonly runMs: number;
  /** Nanoseconds of the run for each node, edge and step of a node. */
  readonly nsPerUnit: number;
}

/** What is measured, and how often. */
export interface SteppedAmount {
  /** Of the smallest graphs. */
  readonly nodeCount: number;
  /** How often the size doubles. */
  readonly doublings: number;
  readonly rounds: number;
}

interface Shape {
  readonly name: string;
  readonly edges: (nodeCount: number) => readonly Edge<number>[];
  readonly reverse: boolean;
}

/** The order in which the reference is quadratic comes first: a chain mentioned end first. */
const shapes: readonly Shape[] = [
  { name: "chain, end first", edges: chainFromItsEnd, reverse: false },
  { name: "chain in reverse", edges: chainFromItsEnd, reverse: true },
  { name: "ladder", edges: ladder, reverse: false },
  { name: "star", edges: star, reverse: false },
];

/** Runs all shapes at all sizes, the sizes in turn within each round. */
export function measureStepped(amount: SteppedAmount): readonly SteppedResult[] {
  const sizes = Array.from(
    { length: amount.doublings + 1 },
    (_, doubling) => amount.nodeCount * 2 ** doubling,
  );
  const cases = shapes.flatMap((shape) => {
    return sizes.map((nodeCount) => ({ shape, nodeCount, edges: shape.edges(nodeCount) }));
  });
  const timings = cases.map(() => ({ buildMs: [] as number[], runMs: [] as number[] }));
  for (let round = 0; round < amount.rounds; round += 1) {
    for (const [at, { shape, edges }] of cases.entries()) {
      const { buildMs, runMs } = timeOnce(shape, edges);
      timings[at]?.buildMs.push(buildMs);
      timings[at]?.runMs.push(runMs);
    }
  }
  return cases.map(({ shape, nodeCount, edges }, at) => {
    const buildMs = summarise(timings[at]?.buildMs ?? []).median;
    const runMs = summarise(timings[at]?.runMs ?? []).median;
    const unitCount = nodeCount + edges.length + nodeCount * stepsOfANode;
    const nsPerUnit = (runMs * 1e6) / unitCount;
    return { shape: shape.name, nodeCount, edgeCount: edges.length, buildMs, runMs, nsPerUnit };
  });
}

/** Each node suspends once: one step until then, one to its end. */
const stepsOfANode = 2;

function timeOnce(
  { reverse }: Shape,
  edges: readonly Edge<number>[],
): { readonly buildMs: number; readonly runMs: number } {
  const startedAt = performance.now();
  const group = new DependencyTaskGroup(new Dependencies(edges), {
    *task() {
      yield;
    },
    reverse,
  });
  const builtAt = performance.now();
  const run = group.run();
  while (run.next().done !== true);
  return { buildMs: builtAt - startedAt, runMs: performance.now() - builtAt };
}

function chainFromItsEnd(nodeCount: number): readonly Edge<number>[] {
  return Array.from({ length: nodeCount - 1 }, (_, at) => {
    return [nodeCount - at - 1, nodeCount - at - 2];
  });
}

/** Two chains with rungs: a path for each choice at each level. */
function ladder(nodeCount: number): readonly Edge<number>[] {
  return Array.from({ length: nodeCount - 2 }, (_, at): readonly Edge<number>[] => {
    const level = at - (at % 2);
    return [
      [at + 2, level],
      [at + 2, level + 1],
    ];
  }).flat();
}

function star(nodeCount: number): readonly Edge<number>[] {
  return Array.from({ length: nodeCount - 1 }, (_, at) => [at + 1, 0]);
}
