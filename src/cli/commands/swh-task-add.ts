/** `orrery swh task add`: stores one task with arguments of the command line. */

import { type Command, Option } from "commander";
import {
  taskPolicies,
  taskPriorities,
  type TaskPolicy,
  type TaskPriority,
} from "../../compat/swh/records.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { parseDate } from "../swh/date-text.ts";
import { parseArguments } from "../swh/task-arguments.ts";
import { createdText } from "../swh/task-text.ts";
import { knownTaskType } from "../swh/task-types.ts";

interface TaskAddOptions {
  readonly policy: TaskPolicy;
  readonly priority?: TaskPriority;
  readonly nextRun?: string;
}

/** The command. */
export function swhTaskAddCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "add",
    description: "store one task; one that is stored already is not stored twice",
  })
    .argument("<type>", "name of the task type")
    .argument("[arguments...]", "values in YAML, or key=value")
    .addOption(
      new Option("-p, --policy <policy>", "how often it runs")
        .choices(taskPolicies)
        .default("recurring"),
    )
    .addOption(new Option("-P, --priority <level>", "none without it").choices(taskPriorities))
    .option("-n, --next-run <date>", "when it runs first (default now)");
  return command.action((type: string, texts: readonly string[], options: TaskAddOptions) =>
    withSwhScheduler(shell, command, async ({ scheduler, now }) => {
      const { policy, priority = null, nextRun } = options;
      await knownTaskType(scheduler, type);
      const created = await scheduler.createTasks([
        {
          type,
          arguments: parseArguments(texts),
          policy,
          priority,
          nextRun: nextRun === undefined ? now : parseDate(nextRun, { field: "--next-run", now }),
        },
      ]);
      shell.out.write(createdText(created, { shell, now }));
    }),
  );
}
