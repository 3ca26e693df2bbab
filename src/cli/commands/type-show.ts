/** `orrery type show`: one task type with its policies and the input it takes. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { typeFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function typeShowCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "show",
    description: "show one task type with its policies and input",
  })
    .argument("<name>", "name of the task type")
    .action((name: string, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const type = await scheduler.getTaskType(name);
        screen.show(type, () => screen.fields(typeFields(type)));
      }),
    );
}
