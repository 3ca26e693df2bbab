/** `orrery task retry`: runs a task once more now, also one that had ended. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { taskFields } from "../presentation.ts";
import { newestRunOf, showRunUntilEnd } from "../run-watch.ts";
import type { Shell } from "../shell.ts";

interface TaskRetryOptions extends ConnectionOptions {
  readonly wait?: boolean;
}

/** The command. */
export function taskRetryCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "retry",
    description: "run a task once more now, also one that had ended",
  })
    .addArgument(idArgument("task"))
    .option("--wait", "show the run until it ends; exit 1 when it does not succeed")
    .action((id: number, options: TaskRetryOptions) =>
      withScheduler(shell, options, async (work) => {
        const task = await work.scheduler.retryTask(id);
        if (options.wait === true) {
          await showRunUntilEnd(work, { runId: await newestRunOf(work, task.id) });
        } else {
          work.screen.show(task, () => work.screen.fields(taskFields(task)));
        }
      }),
    );
}
