/** `orrery trigger list`: the triggers of a task. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { triggerTable } from "../trigger-view.ts";

/** The command. */
export function triggerListCommand(shell: Shell): Command {
  return schedulerCommand(shell, { name: "list", description: "show the triggers of a task" })
    .addArgument(idArgument("task", { name: "task" }))
    .action((taskId: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const { triggers } = await scheduler.getTask(taskId);
        screen.show(triggers, () => {
          if (triggers.length === 0) screen.note("no triggers: this task runs once");
          else screen.table(triggerTable(triggers));
        });
      }),
    );
}
