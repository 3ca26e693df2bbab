/** `orrery graph show`: a stored graph with its nodes, as a table, a picture or JSON. */

import { type Command, Option } from "commander";
import { dotOf } from "../../graph/dot.ts";
import { mermaidOf } from "../../graph/mermaid.ts";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { picturedGraph } from "../graph-view.ts";
import { showSubmitted } from "../graph-watch.ts";
import type { Shell } from "../shell.ts";

interface GraphShowOptions extends ConnectionOptions {
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly watch?: boolean;
  readonly all?: boolean;
}

/** The command. */
export function graphShowCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "show",
    description: "show a stored graph and the state of each node",
  })
    .addArgument(idArgument("graph, or of one of its nodes"))
    .addOption(
      new Option(
        "-w, --watch",
        "show how it goes on until it has ended; exit 1 when it does not succeed",
      ).conflicts(["mermaid", "dot"]),
    )
    .option("--all", "a row for each node, also of a large graph")
    .addOption(
      new Option("--mermaid", "as a Mermaid flowchart, coloured by state").conflicts([
        "dot",
        "json",
      ]),
    )
    .addOption(new Option("--dot", "as DOT, for Graphviz").conflicts(["mermaid", "json"]))
    .action((id: number, options: GraphShowOptions) =>
      withScheduler(shell, options, async (work) => {
        const { all, watch = false } = options;
        const graph = await work.scheduler.getGraph(id);
        if (options.mermaid !== true && options.dot !== true) {
          await showSubmitted(work, graph, { wait: watch, all });
          return;
        }
        const { source, options: look } = picturedGraph(graph);
        shell.out.write(options.mermaid === true ? mermaidOf(source, look) : dotOf(source, look));
      }),
    );
}
