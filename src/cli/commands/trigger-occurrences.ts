/** `orrery trigger occurrences`: what was decided of a trigger's fire times, newest first. */

import type { Command } from "commander";
import { occurrencePageOf } from "../../api/occurrence-page.ts";
import { formatInstant, parseInstant } from "../../kernel/instant.ts";
import { idArgument, parseCount, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { occurrenceTable } from "../trigger-view.ts";

interface OccurrencesOptions extends ConnectionOptions {
  readonly limit?: number;
  readonly before?: string;
}

/** The command. */
export function triggerOccurrencesCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "occurrences",
    description: "show what became of its fire times, newest first",
  })
    .addArgument(idArgument("trigger"))
    .option("--limit <count>", "how many, at most 1000 (default 50)", parseCount)
    .option("--before <time>", "only earlier fire times, RFC 3339")
    .action((id: number, options: OccurrencesOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const { limit, before } = options;
        const items = await scheduler.listOccurrences(id, {
          ...(limit === undefined ? {} : { limit }),
          ...(before === undefined
            ? {}
            : { before: formatInstant(parseInstant(before, "--before")) }),
        });
        const page = occurrencePageOf(items, limit);
        screen.show(page, () => {
          if (items.length === 0) screen.note("nothing was decided yet, or it is no longer kept");
          else screen.table(occurrenceTable(items));
          if (page.nextBefore !== null) screen.note(`there are more: --before ${page.nextBefore}`);
        });
      }),
    );
}
