/** `orrery swh task-type list`: the task types there are. */

import type { Command } from "commander";
import type { TaskType } from "../../compat/swh/records.ts";
import { collect } from "../command.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { intervalText } from "../swh/interval-text.ts";

interface TaskTypeListOptions {
  readonly details?: boolean;
  readonly verbose?: boolean;
  readonly task_type?: readonly string[];
  readonly task_name?: readonly string[];
}

/** The command. */
export function swhTaskTypeListCommand(shell: Shell): Command {
  return swhCommand(shell, { name: "list", description: "show task types by their name" })
    .option("-v, --details", "with intervals, limits and retries; so does --verbose")
    .option("-t, --task_type <type>", "only this one; repeatable", collect)
    .option("-n, --task_name <name>", "only of this backend name; repeatable", collect)
    .action((options: TaskTypeListOptions, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler, screen }) => {
        const { task_type: types, task_name: names, details = false } = options;
        const found = (await scheduler.getTaskTypes())
          .filter(({ type }) => types === undefined || types.includes(type))
          .filter(({ backendName }) => names === undefined || names.includes(backendName))
          .toSorted((left, right) => (left.type < right.type ? -1 : 1));
        shell.out.write("Known task types:\n");
        for (const type of found) {
          shell.out.write(details || screen.verbose ? longText(type, shell) : shortText(type));
        }
      }),
    );
}

function shortText({ type, description }: TaskType): string {
  return `${type}:\n  ${description}\n`;
}

function longText(type: TaskType, shell: Shell): string {
  const { defaultInterval, minInterval, maxInterval } = type;
  const bounds = `[${intervalText(minInterval)}, ${intervalText(maxInterval)}]`;
  return [
    `${shell.out.paint("strong", `${type.type}:`)} ${type.backendName}`,
    `  ${type.description}`,
    `  interval: ${intervalText(defaultInterval)} ${bounds}`,
    `  backoff_factor: ${type.backoffFactor ?? "None"}`,
    `  max_queue_length: ${type.maxQueueLength ?? "None"}`,
    `  num_retries: ${type.numRetries ?? "None"}`,
    `  retry_delay: ${intervalText(type.retryDelay)}`,
    "",
  ]
    .map((line) => `${line}\n`)
    .join("");
}
