/** `orrery trigger remove`: takes a trigger away; its runs go on. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function triggerRemoveCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "remove",
    description: "take a trigger away; a task with nothing else to come ends",
  })
    .addArgument(idArgument("trigger"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        await scheduler.removeTrigger(id);
        screen.show({ id, removed: true }, () => screen.line(`trigger ${id} is removed`));
      }),
    );
}
