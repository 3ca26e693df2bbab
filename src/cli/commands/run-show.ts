/** `orrery run show`: one run with each of its tries. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { attemptTable, runFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function runShowCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "show",
    description: "show one run and each of its tries",
  })
    .addArgument(idArgument("run"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const run = await scheduler.getRun(id);
        screen.show(run, () => {
          screen.fields(runFields(run));
          if (run.attempts.length === 0) return;
          screen.line("");
          screen.table(attemptTable(run));
        });
      }),
    );
}
