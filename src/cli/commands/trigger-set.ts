/** `orrery trigger set`: changes a trigger's rule, how it fires, or when it fires next. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import {
  type FiringOptions,
  type RuleOptions,
  withFiringOptions,
  withRuleOptions,
} from "../trigger-options.ts";
import { changeOf } from "../trigger-requests.ts";
import { triggerFields } from "../trigger-view.ts";

/** The command. */
export function triggerSetCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "set",
    description: "change a trigger; what is not said stays",
  }).addArgument(idArgument("trigger"));
  return withFiringOptions(withRuleOptions(command)).action(
    (id: number, options: ConnectionOptions & RuleOptions & FiringOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const { spec } = await scheduler.getTrigger(id);
        const trigger = await scheduler.updateTrigger(id, changeOf(options, spec));
        screen.show(trigger, () => screen.fields(triggerFields(trigger)));
      }),
  );
}
