/** `orrery task cancel`: ends a task; a handler that is at work is asked to stop. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { taskFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

interface TaskCancelOptions extends ConnectionOptions {
  readonly reason?: string;
}

/** The command. */
export function taskCancelCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "cancel",
    description: "end a task; running work is asked to stop",
  })
    .addArgument(idArgument("task"))
    .option("--reason <text>", "kept with the task")
    .action((id: number, options: TaskCancelOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const task = await scheduler.cancelTask(id, options.reason);
        screen.show(task, () => screen.fields(taskFields(task)));
      }),
    );
}
