/** `orrery swh task list-pending`: tasks without priority that are due. */

import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, withSwhScheduler } from "../swh/command.ts";
import { parseDate } from "../swh/date-text.ts";
import { paragraphs, taskText } from "../swh/task-text.ts";

interface ListPendingOptions {
  readonly limit?: number;
  readonly before?: string;
}

/** The command. */
export function swhTaskListPendingCommand(shell: Shell): Command {
  return swhCommand(shell, {
    name: "list-pending",
    description: "show tasks without priority that are due",
  })
    .argument("<types...>", "names of task types")
    .option("-l, --limit <count>", "of each type at most", parseWhole)
    .option("-b, --before <date>", "due by then (default now)")
    .action((types: readonly string[], options: ListPendingOptions, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler, now }) => {
        const { limit, before } = options;
        const ready = {
          timestamp: before === undefined ? null : parseDate(before, { field: "--before", now }),
          numTasks: limit ?? null,
        };
        const texts: string[] = [];
        for (const type of types) {
          const tasks = await scheduler.peekReadyTasks(type, ready);
          texts.push(`Found ${tasks.length} ${type} tasks\n`);
          texts.push(...tasks.map((task) => taskText(task, { shell, now })));
        }
        shell.out.write(paragraphs(texts));
      }),
    );
}
