/**
 * Types of graphs, good cases and bad ones. Nothing here runs: `tsc` fails when a good case does
 * not compile or a bad one does, since then its `@ts-expect-error` is unused.
 */

import {
  defineGraph,
  Dependencies,
  type NodeOutcome,
  planGraph,
  runGraph,
  settleGraph,
} from "../../src/public/graph.ts";

/** Whether two types are the same, each assignable to the other under any variance. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
type Holds<Claim extends true> = Claim;

const graph = defineGraph()
  .node("vpc", async () => ({ id: "v-1" }))
  .node("zone", () => 3)
  .node("subnet", {
    requires: ["vpc"],
    after: ["zone"],
    retry: { limit: 3 },
    run: async ({ results, signal, attempt }) => {
      type Given = Holds<Same<typeof results, Readonly<Pick<Known, "vpc">>>>;
      const isFirst: Given = attempt === 1 || signal.aborted || true;
      return `${results.vpc.id}.${isFirst}`;
    },
    undo: (subnet) => subnet.length,
  });

type Known = object & Readonly<Record<"vpc", { id: string }>> & Readonly<Record<"zone", number>>;

/** Results are typed by the names of the nodes. */
export async function goodRuns(): Promise<void> {
  const results = await runGraph(graph, {
    concurrency: 2,
    onFailure: "isolate",
    errorWaitMs: (node) => (node === "vpc" ? 5 : null),
    onEvent: (event) => {
      if (event.kind === "failed") event.node satisfies "vpc" | "zone" | "subnet";
    },
  });
  const { id }: { readonly id: string } = results.vpc;
  const names: readonly string[] = [id, results.subnet];
  const undone: void = await runGraph(graph, { reverse: true, results });
  const settled = await settleGraph(graph);
  const zone: NodeOutcome<number> = settled.outcomes.zone;
  const partly: number | undefined = settled.results.zone;
  await runGraph(graph, { reverse: true, results: settled.results });
  const plan = planGraph(graph, { concurrency: 2 });
  const planned: string | undefined = plan.waves[0]?.[0]?.node;
  const lengths: ReadonlyMap<number, string> = await runGraph(new Dependencies([[2, 1]]), {
    reverse: true,
    run: async (node, { results: given }) => `${node}${given.get(1)}`,
  });
  void [names, undone, zone, partly, planned, lengths];
}

/** What is not defined before cannot be required, and what is not required is not given. */
export async function badDefinitions(): Promise<void> {
  graph.node("host", {
    // @ts-expect-error -- nothing of this name is defined
    requires: ["key"], // no such node
    run: () => 1,
  });
  graph.node("host", {
    requires: ["vpc"],
    // @ts-expect-error -- it is not required
    run: ({ results }) => results.subnet,
  });
  // @ts-expect-error -- results of `after` are not given
  graph.node("host", { after: ["vpc"], run: ({ results }) => results.vpc });
  // @ts-expect-error -- the name is taken
  graph.node("vpc", () => 1);
  // @ts-expect-error -- it returned a text
  graph.node("host", { run: () => "a", undo: (host: number) => host });
  // @ts-expect-error -- retries have a limit
  graph.node("host", { retry: { delayMs: 5 }, run: () => 1 });
}

/** Options and results that are wrong. */
export async function badRuns(): Promise<void> {
  const results = await runGraph(graph);
  // @ts-expect-error -- no node of this name
  void results.host;
  // @ts-expect-error -- it is a number
  void results.zone.length;
  // @ts-expect-error -- undoing needs results
  await runGraph(graph, { reverse: true });
  // @ts-expect-error -- of another type
  await runGraph(graph, { reverse: true, results: { zone: "three" } });
  // @ts-expect-error -- edges say nothing of what to do
  await runGraph(new Dependencies([[2, 1]]), { concurrency: 1 });
  // @ts-expect-error -- there are two rules
  await runGraph(graph, { onFailure: "ignore" });
}
