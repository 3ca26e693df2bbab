/** `orrery run logs`: what a run wrote, and with `-f` what it writes. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler, type Work } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { logText } from "../presentation.ts";
import { printLogsUntilEnd } from "../run-watch.ts";
import type { Shell } from "../shell.ts";

/** Lines that are asked for at once. */
const pageSize = 1_000;

interface RunLogsOptions extends ConnectionOptions {
  readonly follow?: boolean;
  readonly after?: string;
}

/** The command. */
export function runLogsCommand(shell: Shell): Command {
  return schedulerCommand(shell, { name: "logs", description: "show what a run wrote" })
    .addArgument(idArgument("run"))
    .option("-f, --follow", "go on until the run has ended, and show how far it is")
    .option("--after <attempt.line>", "only lines after this one, such as 1.42")
    .action((id: number, options: RunLogsOptions) =>
      withScheduler(shell, options, async (work) => {
        // A stream of nothing is no answer to a wrong id.
        await work.scheduler.getRun(id);
        const request = { runId: id, after: options.after };
        if (options.follow === true) await printLogsUntilEnd(work, request);
        else await printLogs(work, request);
      }),
    );
}

/** Page after page, so that a long log is never held as a whole. */
async function printLogs(
  { scheduler, screen, shell }: Work,
  { runId, after }: { readonly runId: number; readonly after: string | undefined },
): Promise<void> {
  let position = after;
  while (!shell.signal.aborted) {
    const lines = await scheduler.listLogs(runId, {
      limit: pageSize,
      ...(position === undefined ? {} : { after: position }),
    });
    for (const line of lines) {
      screen.showLine(line, () => screen.line(logText(line, shell.out.paint)));
    }
    const last = lines.at(-1);
    if (last === undefined || lines.length < pageSize) return;
    position = `${last.attempt}.${last.seq}`;
  }
}
