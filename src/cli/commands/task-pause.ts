/** `orrery task pause`: keeps a task from firing and running until it is resumed. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { taskFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function taskPauseCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "pause",
    description: "fire and run nothing of a task until resumed",
  })
    .addArgument(idArgument("task"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const task = await scheduler.pauseTask(id);
        screen.show(task, () => screen.fields(taskFields(task)));
      }),
    );
}
