/** `orrery type list`: the task types that are known. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { typeTable } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function typeListCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "list",
    description: "show the task types that are known",
  }).action((options: ConnectionOptions) =>
    withScheduler(shell, options, async ({ scheduler, screen }) => {
      const types = await scheduler.listTaskTypes();
      screen.show(types, () => {
        if (types.length > 0) screen.table(typeTable(types));
        else screen.note("no task types; `orrery serve` registers those of the configuration");
      });
    }),
  );
}
