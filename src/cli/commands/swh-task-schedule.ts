/** `orrery swh task schedule`: stores the tasks of a table. */

import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { openSource, textOf } from "../input-lines.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { readTaskRows, type TaskColumn, taskColumns } from "../swh/task-rows.ts";
import { createdText } from "../swh/task-text.ts";

interface TaskScheduleOptions {
  readonly columns?: readonly TaskColumn[];
  readonly delimiter: string;
}

const columnsDefault: readonly TaskColumn[] = ["type", "args", "kwargs", "next_run"];

/** The command. */
export function swhTaskScheduleCommand(shell: Shell): Command {
  return swhCommand(shell, {
    name: "schedule",
    description: "store the tasks of a CSV file, all or none",
  })
    .addArgument(new Argument("<file>", "without a row of titles; - for standard input"))
    .addOption(
      new Option(
        "-c, --columns <name>",
        `what its columns hold, in order; repeatable: ${taskColumns.join(", ")}` +
          ` (default ${columnsDefault.join(", ")})`,
      ).argParser(collectColumn),
    )
    .addOption(
      new Option("-d, --delimiter <letter>", "what stands between two fields")
        .argParser(oneLetter)
        .default(","),
    )
    .action((file: string, options: TaskScheduleOptions, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler, now }) => {
        const tasks = await readTaskRows({
          text: textOf(openSource(shell, file)),
          columns: options.columns ?? columnsDefault,
          delimiter: options.delimiter,
          scheduler,
          now,
        });
        const created = await scheduler.createTasks(tasks);
        shell.out.write(createdText(created, { shell, now }));
      }),
    );
}

function collectColumn(
  text: string,
  previous: readonly TaskColumn[] | undefined,
): readonly TaskColumn[] {
  const column = taskColumns.find((each) => each === text);
  if (column !== undefined) return [...(previous ?? []), column];
  throw new InvalidArgumentError(`It must be one of ${taskColumns.join(", ")}.`);
}

function oneLetter(text: string): string {
  if (text.length === 1 && !/["\r\n]/.test(text)) return text;
  throw new InvalidArgumentError("It must be one letter, and no quote.");
}
