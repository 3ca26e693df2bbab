/** `orrery swh task-type add`: registers one task type. */

import { type Command, InvalidArgumentError } from "commander";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { parseInterval } from "../swh/interval-text.ts";

interface TaskTypeAddOptions {
  readonly defaultInterval: string;
  readonly minInterval?: string;
  readonly maxInterval?: string;
  readonly backoffFactor: number;
}

/** The command. */
export function swhTaskTypeAddCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "add",
    description: "register a task type; one of this name is left as it is",
  })
    .argument("<type>", "its name")
    .argument("<task-name>", "its name in the backend, as that of a Celery task")
    .argument("<description>", "for people")
    .option("-i, --default-interval <interval>", "between two runs", "90 days")
    .option("--min-interval <interval>", "at least (default the default interval)")
    .option("--max-interval <interval>", "at most (default the default interval)")
    .option("-f, --backoff-factor <number>", "changes the interval after a run", parseFactor, 1);
  return command.action(() =>
    withSwhScheduler(shell, command, async ({ scheduler }) => {
      const [type = "", backendName = "", description = ""] = command.args;
      const { defaultInterval, minInterval, maxInterval, backoffFactor } =
        command.opts<TaskTypeAddOptions>();
      const usual = parseInterval(defaultInterval, { field: "--default-interval" });
      await scheduler.createTaskType({
        type,
        backendName,
        description,
        defaultInterval: usual,
        minInterval:
          minInterval === undefined
            ? usual
            : parseInterval(minInterval, { field: "--min-interval" }),
        maxInterval:
          maxInterval === undefined
            ? usual
            : parseInterval(maxInterval, { field: "--max-interval" }),
        backoffFactor,
        maxQueueLength: null,
      });
      shell.out.write("OK\n");
    }),
  );
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && factor > 0) return factor;
  throw new InvalidArgumentError("It must be a number above 0.");
}
