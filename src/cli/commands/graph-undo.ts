/** `orrery graph undo`: undoes what a graph has done, in reverse order. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { showSubmitted } from "../graph-watch.ts";
import type { Shell } from "../shell.ts";

interface GraphUndoOptions extends ConnectionOptions {
  readonly wait?: boolean;
}

/** The command. */
export function graphUndoCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "undo",
    description: "undo what a graph has done, last first; what has not begun is cancelled",
  })
    .addArgument(idArgument("graph"))
    .option("--wait", "show how it goes on until all is undone; exit 1 when it does not succeed")
    .action((id: number, options: GraphUndoOptions) =>
      withScheduler(shell, options, async (work) => {
        const reverse = await work.scheduler.undoGraph(id);
        await showSubmitted(work, reverse, { wait: options.wait === true });
      }),
    );
}
