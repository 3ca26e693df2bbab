/** `orrery trigger show`: one trigger, and what became of its last fire times. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { occurrenceTable, triggerFields } from "../trigger-view.ts";

/** Fire times that are shown with a trigger. */
const occurrenceCount = 5;

/** The command. */
export function triggerShowCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "show",
    description: "show one trigger and its last fire times",
  })
    .addArgument(idArgument("trigger"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const trigger = await scheduler.getTrigger(id);
        if (screen.json) {
          screen.show(trigger, () => undefined);
          return;
        }
        screen.fields(triggerFields(trigger));
        const occurrences = await scheduler.listOccurrences(id, { limit: occurrenceCount });
        if (occurrences.length === 0) return;
        screen.line("");
        screen.table(occurrenceTable(occurrences));
      }),
    );
}
