/**
 * `orrery task resume`: lets a paused task go on; fire times that passed meanwhile are not made up
 * for.
 */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { taskFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function taskResumeCommand(shell: Shell): Command {
  return schedulerCommand(shell, { name: "resume", description: "let a paused task go on" })
    .addArgument(idArgument("task"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const task = await scheduler.resumeTask(id);
        screen.show(task, () => screen.fields(taskFields(task)));
      }),
    );
}
