/** `orrery visit metrics`: how many origins each lister knows, and how many wait. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { type ListerOptions, withListerOptions } from "../visit-options.ts";
import { countsTable } from "../visit-view.ts";

interface VisitMetricsOptions extends ConnectionOptions, ListerOptions {
  readonly visitType?: string;
}

/** The command. */
export function visitMetricsCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "metrics",
    description: "count what each lister knows of each visit type, as of now",
  });
  return withListerOptions(command)
    .option("--visit-type <name>", "only of this visit type")
    .action((options: VisitMetricsOptions) =>
      withScheduler(shell, options, async ({ scheduler: { frontier }, screen }) => {
        const { listerId, lister, instance, visitType } = options;
        const counts = await frontier.countOrigins({
          ...(listerId === undefined ? {} : { listerId }),
          ...(visitType === undefined ? {} : { visitType }),
        });
        const listers = await frontier.listListers();
        const wanted = new Set(
          listers
            .filter(({ name }) => lister === undefined || name === lister)
            .filter(({ instanceName }) => instance === undefined || instanceName === instance)
            .map(({ id }) => id),
        );
        const items = counts.filter((each) => wanted.has(each.listerId));
        screen.show({ items }, () => {
          if (items.length === 0) screen.note("no origins; `orrery visit import` records some");
          else screen.table(countsTable(items, listers));
        });
      }),
    );
}
