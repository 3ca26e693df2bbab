/** `orrery visit import`: records what a lister has found, from lines of JSON. */

import { Argument, type Command } from "commander";
import { parseCount, schedulerCommand, withScheduler, type Work } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { openSource } from "../input-lines.ts";
import { importOrigins } from "../origin-import.ts";
import type { Shell } from "../shell.ts";

interface VisitImportOptions extends ConnectionOptions {
  readonly lister: string;
  readonly instance?: string;
  readonly firstVisits?: boolean;
  readonly visitType?: string;
  readonly finished?: boolean;
  readonly skip?: number;
  readonly batch?: number;
}

/** Lines of a batch when nobody says how many. */
const batchCountDefault = 1_000;
/** How many lines are recorded between two remarks. */
const remarkCount = 100_000;

/** The command. */
export function visitImportCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "import",
    description: "record what a lister has found; what it has listed before is overwritten",
  })
    .addArgument(
      new Argument("<file>", 'lines of JSON, {"url": …, "visitType": …}; also gzip; - for stdin'),
    )
    .requiredOption("--lister <name>", "who has found it; made when it is new")
    .option("--instance <name>", "which instance of the lister")
    .option("--first-visits", "what it lists first is visited before its turn")
    .option("--no-first-visits", "take that back")
    .option("--visit-type <name>", "how lines are visited that do not say it")
    .option("--finished", "the end of the input is the end of the listing")
    .option("--skip <lines>", "pass over lines that are recorded already", parseCount)
    .option("--batch <lines>", `how many at a time (default ${batchCountDefault})`, parseCount)
    .action((file: string, options: VisitImportOptions) =>
      withScheduler(shell, options, (work) => importFile(work, file, options)),
    );
}

async function importFile(
  { shell, scheduler, screen }: Work,
  file: string,
  options: VisitImportOptions,
): Promise<void> {
  const { lister: name, instance, firstVisits, visitType, finished = false } = options;
  let done = 0;
  let remarked = 0;
  try {
    const imported = await importOrigins(scheduler.frontier, {
      source: openSource(shell, file),
      lister: {
        name,
        ...(instance === undefined ? {} : { instanceName: instance }),
        ...(firstVisits === undefined ? {} : { firstVisits }),
      },
      visitType,
      finished,
      skipCount: options.skip ?? 0,
      batchCount: options.batch ?? batchCountDefault,
      onBatch: (lineNumber) => {
        done = lineNumber;
        if (done - remarked < remarkCount) return;
        remarked = done;
        screen.note(`recorded up to line ${done}`);
      },
    });
    const { recorded, lister, lines } = imported;
    screen.show(imported, () =>
      screen.line(`recorded ${recorded} origins of ${lines} lines for lister ${lister.id}`),
    );
  } catch (thrown) {
    if (done > 0) {
      screen.note(`up to line ${done} all is recorded: run it again, or go on with --skip ${done}`);
    }
    throw thrown;
  }
}
