/** `orrery trigger resume`: lets a trigger that was paused fire again, from now on. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { triggerFields } from "../trigger-view.ts";

/** The command. */
export function triggerResumeCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "resume",
    description: "let a trigger fire again, from now on",
  })
    .addArgument(idArgument("trigger"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const trigger = await scheduler.resumeTrigger(id);
        screen.show(trigger, () => screen.fields(triggerFields(trigger)));
      }),
    );
}
