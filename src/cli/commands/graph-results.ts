/** `orrery graph results`: what the nodes of a stored graph have answered. */

import { Argument, type Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { jsonText } from "../screen.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function graphResultsCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "results",
    description: "show what the nodes of a stored graph have answered",
  })
    .addArgument(idArgument("graph"))
    .addArgument(new Argument("[nodes...]", "names of nodes; all nodes without any"))
    .action((id: number, nodes: readonly string[], options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const results = await scheduler.getGraphResults(id, nodes.length === 0 ? {} : { nodes });
        screen.show(results, () => {
          const rows = Object.entries(results).map(([name, result]) => [name, jsonText(result)]);
          const columns = [{ title: "NODE" }, { title: "RESULT", flexible: true }];
          if (rows.length === 0) screen.note("no node has succeeded yet");
          else screen.table({ columns, rows });
        });
      }),
    );
}
