/** `orrery task show`: one task with its triggers, what it requires, and its last runs. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { runTable, taskFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** Runs that are shown with a task. */
const runCount = 5;

/** The command. */
export function taskShowCommand(shell: Shell): Command {
  return schedulerCommand(shell, { name: "show", description: "show one task and its last runs" })
    .addArgument(idArgument("task"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const task = await scheduler.getTask(id);
        if (screen.json) {
          screen.show(task, () => undefined);
          return;
        }
        screen.fields(taskFields(task));
        const { items } = await scheduler.listRuns({ taskId: id, limit: runCount });
        if (items.length === 0) return;
        screen.line("");
        screen.table(runTable(items));
      }),
    );
}
