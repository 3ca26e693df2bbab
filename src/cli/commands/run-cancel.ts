/** `orrery run cancel`: ends a run; a handler that is at work is asked to stop. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { runFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";

interface RunCancelOptions extends ConnectionOptions {
  readonly reason?: string;
}

/** The command. */
export function runCancelCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "cancel",
    description: "end a run; running work is asked to stop",
  })
    .addArgument(idArgument("run"))
    .option("--reason <text>", "kept with the run")
    .action((id: number, options: RunCancelOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const run = await scheduler.cancelRun(id, options.reason);
        screen.show(run, () => screen.fields(runFields(run)));
      }),
    );
}
