/** `orrery run list`: runs, newest first. */

import { type Command, Option } from "commander";
import { runTable as runStates, type RunState } from "../../model/state-machine.ts";
import { parseCount, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { type PageCommandOptions, pageOf, tellOfMore, withPageOptions } from "../page-options.ts";
import { runTable } from "../presentation.ts";
import type { Shell } from "../shell.ts";

interface RunListOptions extends ConnectionOptions, PageCommandOptions {
  readonly type?: string;
  readonly state?: readonly RunState[];
  readonly task?: number;
}

/** The command. */
export function runListCommand(shell: Shell): Command {
  return withPageOptions(
    schedulerCommand(shell, { name: "list", description: "show runs, newest first" }),
  )
    .option("--type <name>", "only of this task type")
    .addOption(
      new Option("--state <states...>", "only in these states").choices(Object.keys(runStates)),
    )
    .option("--task <id>", "only of this task", parseCount)
    .action((options: RunListOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const page = await scheduler.listRuns({
          ...pageOf(options),
          ...(options.type === undefined ? {} : { type: options.type }),
          ...(options.state === undefined ? {} : { state: options.state }),
          ...(options.task === undefined ? {} : { taskId: options.task }),
        });
        screen.show(page, () => {
          if (page.items.length === 0) screen.note("no runs");
          else screen.table(runTable(page.items));
          tellOfMore(screen, page);
        });
      }),
    );
}
