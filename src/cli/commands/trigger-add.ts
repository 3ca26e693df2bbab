/** `orrery trigger add`: one more trigger for a task that has some. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { type TriggerCommandOptions, withTriggerOptions } from "../trigger-options.ts";
import { triggerOf } from "../trigger-requests.ts";
import { triggerFields } from "../trigger-view.ts";

/** The command. */
export function triggerAddCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "add",
    description: "add a trigger to a task that has triggers",
  }).addArgument(idArgument("task", { name: "task" }));
  return withTriggerOptions(command).action(
    (taskId: number, options: ConnectionOptions & TriggerCommandOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const trigger = await scheduler.addTrigger(taskId, triggerOf(options));
        screen.show(trigger, () => screen.fields(triggerFields(trigger)));
      }),
  );
}
