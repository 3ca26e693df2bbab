/** `orrery resume`: lets everything go on after `orrery pause`. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { showSystem } from "../system-view.ts";

/** The command. */
export function resumeCommand(shell: Shell): Command {
  return schedulerCommand(shell, { name: "resume", description: "let everything go on" }).action(
    (options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        showSystem(screen, await scheduler.resume());
      }),
  );
}
