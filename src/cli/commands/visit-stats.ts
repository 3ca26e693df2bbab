/** `orrery visit stats`: what is known of the visits of origins. */

import { Argument, type Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { statsTable } from "../visit-view.ts";

/** The command. */
export function visitStatsCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "stats",
    description: "show what is known of the visits of origins",
  })
    .addArgument(new Argument("<visit-type>", "how they are visited, as in git"))
    .addArgument(new Argument("<urls...>", "where they are"))
    .action((visitType: string, urls: readonly string[], options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const names = urls.map((url) => ({ url, visitType }));
        const items = await scheduler.frontier.getVisitStats(names);
        screen.show({ items }, () => {
          if (items.length > 0) screen.table(statsTable(items));
        });
        const known = new Set(items.map(({ url }) => url));
        for (const url of new Set(urls)) {
          if (!known.has(url)) screen.note(`no visit of ${url} is known or scheduled`);
        }
      }),
    );
}
