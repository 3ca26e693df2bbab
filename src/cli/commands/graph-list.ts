/** `orrery graph list`: stored graphs, newest first. */

import { type Command, Option } from "commander";
import type { TaskRecord } from "../../api/records.ts";
import { graphTypeName } from "../../model/graph.ts";
import { taskTable as taskStates, type TaskState } from "../../model/state-machine.ts";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { type PageCommandOptions, pageOf, tellOfMore, withPageOptions } from "../page-options.ts";
import { stateCell, timeText } from "../presentation.ts";
import type { Shell } from "../shell.ts";
import type { Table } from "../terminal/table.ts";

interface GraphListOptions extends ConnectionOptions, PageCommandOptions {
  readonly state?: readonly TaskState[];
}

/** The command. */
export function graphListCommand(shell: Shell): Command {
  return withPageOptions(
    schedulerCommand(shell, { name: "list", description: "show stored graphs, newest first" }),
  )
    .addOption(
      new Option("--state <states...>", "only in these states").choices(Object.keys(taskStates)),
    )
    .action((options: GraphListOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const { state } = options;
        const page = await scheduler.listTasks({
          ...pageOf(options),
          type: graphTypeName,
          ...(state === undefined ? {} : { state }),
        });
        screen.show(page, () => {
          if (page.items.length === 0) screen.note("no graphs; `orrery graph submit` stores one");
          else screen.table(rootTable(page.items));
          tellOfMore(screen, page);
        });
      }),
    );
}

function rootTable(roots: readonly TaskRecord[]): Table {
  return {
    columns: [
      { title: "ID", align: "right" },
      { title: "NAME", flexible: true },
      { title: "KEY", flexible: true },
      { title: "STATE" },
      { title: "CREATED" },
      { title: "FINISHED" },
    ],
    rows: roots.map((root) => [
      String(root.id),
      root.name,
      root.key ?? "",
      stateCell(root.state),
      timeText(root.createdAt),
      timeText(root.finishedAt),
    ]),
  };
}
