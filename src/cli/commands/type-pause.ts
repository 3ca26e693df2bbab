/** `orrery type pause`: keeps the runs of a type waiting until it is resumed. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { typeFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function typePauseCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "pause",
    description: "claim no run of a type until resumed",
  })
    .argument("<name>", "name of the task type")
    .action((name: string, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const type = await scheduler.pauseTaskType(name);
        screen.show(type, () => screen.fields(typeFields(type)));
      }),
    );
}
