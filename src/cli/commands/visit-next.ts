/** `orrery visit next`: chooses what to visit next, and marks it as scheduled. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { type VisitOptions, visitRequestOf, withVisitOptions } from "../visit-options.ts";
import { showChoice } from "../visit-view.ts";

/** The command. */
export function visitNextCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "next",
    description: "choose origins to visit, and mark them as scheduled: nobody else gets them",
  });
  return withVisitOptions(command).action(
    (visitType: string, options: ConnectionOptions & VisitOptions) =>
      withScheduler(shell, options, async (work) => {
        const request = visitRequestOf(visitType, options);
        await showChoice(work, await work.scheduler.frontier.nextVisits(request));
      }),
  );
}
