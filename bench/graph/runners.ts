/** Nodes that do nothing, run by each library in the way that its documentation shows. */

import { graphOf, runGraph } from "orrery/graph";
import { PGraph } from "p-graph";
import type { EdgeList } from "./graphs.ts";
import { type Cost, liveBytes, timed, timedAsync } from "./measure.ts";

/** How many nodes may run at a time; undefined is no bound. */
export type Concurrency = number | undefined;

/** What one library made of one graph. */
export interface RunCost {
  /** From names and edges to something that can be run. */
  readonly build: Cost;
  readonly run: Cost;
}

/** Bytes that a library holds for the graph when half of its nodes have run. */
export interface RunMemory {
  /** Before the run. */
  readonly builtBytes: number;
  readonly halfwayBytes: number;
}

/** A library. */
export interface Runner {
  readonly name: string;
  /** Builds and runs a graph, calling `node` for each node. */
  measure(list: EdgeList, concurrency: Concurrency, node: () => Promise<void>): Promise<RunCost>;
  /** The same for memory; its times mean nothing. */
  weigh(list: EdgeList, concurrency: Concurrency): Promise<RunMemory>;
}

/** `runGraph` with one function for all nodes. */
export const orrery: Runner = {
  name: "orrery",
  measure: async ({ edges }, concurrency, node) => {
    const { cost: build, result: graph } = timed(() => graphOf(edges));
    const { cost: run, result } = await timedAsync(() =>
      runGraph(graph, { run: node, ...(concurrency === undefined ? {} : { concurrency }) }),
    );
    check(result.size, graph.keys.length);
    return { build, run };
  },
  weigh: async (list, concurrency) => {
    const before = liveBytes();
    const graph = graphOf(list.edges);
    const builtBytes = liveBytes() - before;
    let halfwayBytes = 0;
    const node = halfway(list, () => {
      halfwayBytes = liveBytes() - before;
    });
    await runGraph(graph, { run: node, ...(concurrency === undefined ? {} : { concurrency }) });
    return { builtBytes, halfwayBytes };
  },
};

/** p-graph, whose edges go the other way: what comes first stands first. */
export const pGraph: Runner = {
  name: "p-graph",
  measure: async (list, concurrency, node) => {
    const [nodes, dependencies] = forPGraph(list, node);
    const { cost: build, result: graph } = timed(() => new PGraph(nodes, dependencies));
    const { cost: run } = await timedAsync(() =>
      graph.run(concurrency === undefined ? {} : { concurrency }),
    );
    return { build, run };
  },
  weigh: async (list, concurrency) => {
    let halfwayBytes = 0;
    let before = 0;
    const node = halfway(list, () => {
      halfwayBytes = liveBytes() - before;
    });
    const [nodes, dependencies] = forPGraph(list, node);
    before = liveBytes();
    const graph = new PGraph(nodes, dependencies);
    const builtBytes = liveBytes() - before;
    await graph.run(concurrency === undefined ? {} : { concurrency });
    return { builtBytes, halfwayBytes };
  },
};

/** The input in p-graph's form; making it is nobody's work. */
function forPGraph(
  { names, edges }: EdgeList,
  run: () => Promise<void>,
): readonly [Map<string, { run: () => Promise<void> }>, [string, string][]] {
  const nodes = new Map(names.map((name) => [name, { run }]));
  const dependencies = edges.flatMap(([name, required]): [string, string][] =>
    required === null ? [] : [[required, name]],
  );
  return [nodes, dependencies];
}

/** A node that looks when half of the nodes have run. */
function halfway({ names }: EdgeList, look: () => void): () => Promise<void> {
  let count = 0;
  return async () => {
    count += 1;
    if (count === Math.floor(names.length / 2)) look();
  };
}

function check(found: number, expected: number): void {
  if (found !== expected) throw new RangeError(`${found} of ${expected} nodes have run`);
}
