/** `orrery graph plan`: the run of a graph without running it. Needs no server. */

import { type Command, Option } from "commander";
import { breakCycles } from "../../graph/cycle-breaking.ts";
import { dotOf } from "../../graph/dot.ts";
import { graphFrom } from "../../graph/graph.ts";
import { planGraph } from "../../graph/graph-plan.ts";
import { mermaidOf } from "../../graph/mermaid.ts";
import { newCommand, parseCount } from "../command.ts";
import { withOutputOptions } from "../connection/connection-options.ts";
import { loadGraph, type LoadedGraph } from "../graph/load-graph.ts";
import { showPlan } from "../graph/plan-view.ts";
import { createScreen, type ScreenOptions } from "../screen.ts";
import type { Shell } from "../shell.ts";

interface GraphPlanOptions extends ScreenOptions {
  readonly concurrency?: number;
  readonly reverse?: boolean;
  readonly breakCycles?: boolean;
  readonly all?: boolean;
  readonly mermaid?: boolean;
  readonly dot?: boolean;
}

/** The command. */
export function graphPlanCommand(shell: Shell): Command {
  const command = newCommand(shell, {
    name: "plan",
    description: "show in which waves a graph would run, and when each node would finish",
  })
    .argument("<file>", "a graph: JSON, JSON Lines (.jsonl), a module (.ts, .js), or - for JSON")
    .option("--concurrency <number>", "nodes that run at a time (default no bound)", parseCount)
    .option("--reverse", "backwards: what requires comes before what is required")
    .option("--break-cycles", "drop requirements by a fixed rule until there is an order")
    .option("--all", "a row for each node, also of a large graph")
    .addOption(new Option("--mermaid", "draw the graph in Mermaid").conflicts(["dot", "json"]))
    .addOption(new Option("--dot", "draw the graph in DOT, for Graphviz").conflicts("json"));
  return withOutputOptions(command).action(async (file: string, options: GraphPlanOptions) => {
    const loaded = await loadGraph(shell, file);
    if (options.mermaid === true) shell.out.write(mermaidOf(loaded.graph));
    else if (options.dot === true) shell.out.write(dotOf(loaded.graph));
    else plan(shell, loaded, options);
  });
}

function plan(shell: Shell, loaded: LoadedGraph, options: GraphPlanOptions): void {
  const { concurrency, reverse = false, all = false } = options;
  const broken = options.breakCycles === true ? breakCycles(loaded.graph) : { dropped: [] };
  // What had no cycle stays what it was: a definition knows the settings of its nodes.
  const graph = broken.dropped.length > 0 && "graph" in broken ? broken.graph : loaded.graph;
  showPlan(createScreen(shell, options), {
    plan: planGraph(graph, {
      reverse,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(loaded.settings === undefined ? {} : { settings: loaded.settings }),
    }),
    edgeCount: graphFrom(graph).requires.targets.length,
    concurrency,
    dropped: broken.dropped,
    all,
  });
}
