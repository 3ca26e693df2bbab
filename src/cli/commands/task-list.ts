/** `orrery task list`: tasks, newest first. */

import { type Command, Option } from "commander";
import { taskTable as taskStates, type TaskState } from "../../model/state-machine.ts";
import { parseCount, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { type PageCommandOptions, pageOf, tellOfMore, withPageOptions } from "../page-options.ts";
import { taskTable } from "../presentation.ts";
import type { Shell } from "../shell.ts";

interface TaskListOptions extends ConnectionOptions, PageCommandOptions {
  readonly type?: string;
  readonly state?: readonly TaskState[];
  readonly root?: number;
  readonly parent?: number;
  readonly key?: string;
}

/** The command. */
export function taskListCommand(shell: Shell): Command {
  return withPageOptions(
    schedulerCommand(shell, { name: "list", description: "show tasks, newest first" }),
  )
    .option("--type <name>", "only of this task type")
    .addOption(
      new Option("--state <states...>", "only in these states").choices(Object.keys(taskStates)),
    )
    .option("--root <id>", "only of this tree", parseCount)
    .option("--parent <id>", "only children of this task", parseCount)
    .option("--key <text>", "only the one with this key")
    .action((options: TaskListOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const page = await scheduler.listTasks({
          ...pageOf(options),
          ...(options.type === undefined ? {} : { type: options.type }),
          ...(options.state === undefined ? {} : { state: options.state }),
          ...(options.root === undefined ? {} : { rootId: options.root }),
          ...(options.parent === undefined ? {} : { parentId: options.parent }),
          ...(options.key === undefined ? {} : { key: options.key }),
        });
        screen.show(page, () => {
          if (page.items.length === 0) screen.note("no tasks; `orrery task add` stores one");
          else screen.table(taskTable(page.items));
          tellOfMore(screen, page);
        });
      }),
    );
}
