/** `orrery trigger pause`: keeps one trigger from firing until it is resumed. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { triggerFields } from "../trigger-view.ts";

/** The command. */
export function triggerPauseCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "pause",
    description: "let one trigger fire no more until resumed",
  })
    .addArgument(idArgument("trigger"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const trigger = await scheduler.pauseTrigger(id);
        screen.show(trigger, () => screen.fields(triggerFields(trigger)));
      }),
    );
}
