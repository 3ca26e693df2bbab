/** `orrery run retry`: queues the work of an ended run again, as a new run. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { runFields } from "../presentation.ts";
import { showRunUntilEnd } from "../run-watch.ts";
import type { Shell } from "../shell.ts";

interface RunRetryOptions extends ConnectionOptions {
  readonly wait?: boolean;
}

/** The command. */
export function runRetryCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "retry",
    description: "queue the work of an ended run again, as a new run",
  })
    .addArgument(idArgument("run"))
    .option("--wait", "show the run until it ends; exit 1 when it does not succeed")
    .action((id: number, options: RunRetryOptions) =>
      withScheduler(shell, options, async (work) => {
        const run = await work.scheduler.retryRun(id);
        if (options.wait === true) await showRunUntilEnd(work, { runId: run.id });
        else work.screen.show(run, () => work.screen.fields(runFields(run)));
      }),
    );
}
