/** `orrery forecast`: what will run in the next hours, counted and listed. */

import type { Command } from "commander";
import { formatInstant, parseInstant } from "../../kernel/instant.ts";
import { parseCount, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { showForecast } from "../forecast-view.ts";
import type { Shell } from "../shell.ts";

interface ForecastCommandOptions extends ConnectionOptions {
  readonly hours?: number;
  readonly from?: string;
  readonly type?: string;
  readonly task?: number;
  readonly limit?: number;
}

/** Runs that are listed for people who do not say how many; the counts know all. */
const limitDefault = 20;

/** The command. */
export function forecastCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "forecast",
    description: "show what will run: how much per hour and type, and what comes first",
  })
    .option("--hours <count>", "how far to look, at most 744 (default 24)", parseCount)
    .option("--from <time>", "where to begin, RFC 3339 (default now)")
    .option("--type <name>", "only of this task type")
    .option("--task <id>", "only of this task", parseCount)
    .option("--limit <count>", `runs to list, at most 1000 (default ${limitDefault})`, parseCount)
    .action((options: ForecastCommandOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const { hours, from, type, task } = options;
        const forecast = await scheduler.getForecast({
          limit: options.limit ?? limitDefault,
          ...(hours === undefined ? {} : { hours }),
          ...(from === undefined ? {} : { from: formatInstant(parseInstant(from, "--from")) }),
          ...(type === undefined ? {} : { type }),
          ...(task === undefined ? {} : { taskId: task }),
        });
        showForecast(screen, forecast);
      }),
    );
}
