/** `orrery status`: the installation as a whole, its workers, and what is on the queue. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { showSystem } from "../system-view.ts";

/** The command. */
export function statusCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "status",
    description: "show the database, the workers and the queue",
  }).action((options: ConnectionOptions) =>
    withScheduler(shell, options, async ({ scheduler, screen }) => {
      showSystem(screen, await scheduler.getSystem());
    }),
  );
}
