/** `orrery swh task respawn`: lets tasks run once more. */

import { Argument, type Command } from "commander";
import { parseCount } from "../command.ts";
import type { Shell } from "../shell.ts";
import { swhCommand, withSwhScheduler } from "../swh/command.ts";
import { parseDate } from "../swh/date-text.ts";

/** The command. */
export function swhTaskRespawnCommand(shell: Shell): Command {
  return swhCommand(shell, {
    name: "respawn",
    description: "let tasks run once more, whatever became of them",
  })
    .addArgument(new Argument("<ids...>", "of the tasks").argParser(collectIds))
    .option("-n, --next-run <date>", "when (default now)")
    .action((ids: readonly number[], options: { readonly nextRun?: string }, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler, now }) => {
        const { nextRun } = options;
        await scheduler.setStatusTasks(ids, {
          status: "next_run_not_scheduled",
          nextRun: nextRun === undefined ? now : parseDate(nextRun, { field: "--next-run", now }),
        });
        shell.out.write(`Respawn tasks [${ids.join(", ")}]\n\n`);
      }),
    );
}

function collectIds(text: string, previous: readonly number[] | undefined): readonly number[] {
  return [...(previous ?? []), parseCount(text)];
}
