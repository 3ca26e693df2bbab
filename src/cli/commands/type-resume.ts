/** `orrery type resume`: lets the runs of a paused type go on. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { typeFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function typeResumeCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "resume",
    description: "let the runs of a paused type go on",
  })
    .argument("<name>", "name of the task type")
    .action((name: string, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const type = await scheduler.resumeTaskType(name);
        screen.show(type, () => screen.fields(typeFields(type)));
      }),
    );
}
