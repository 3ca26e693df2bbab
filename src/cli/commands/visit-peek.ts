/** `orrery visit peek`: shows what `visit next` would choose, and changes nothing. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { type VisitOptions, visitRequestOf, withVisitOptions } from "../visit-options.ts";
import { showChoice } from "../visit-view.ts";

/** The command. */
export function visitPeekCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "peek",
    description: "show what would be chosen, without marking it",
  });
  return withVisitOptions(command).action(
    (visitType: string, options: ConnectionOptions & VisitOptions) =>
      withScheduler(shell, options, async (work) => {
        const request = visitRequestOf(visitType, options);
        await showChoice(work, await work.scheduler.frontier.peekVisits(request));
      }),
  );
}
