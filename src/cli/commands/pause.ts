/** `orrery pause`: stops everything, in all processes, until it is resumed; what runs runs on. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";
import { showSystem } from "../system-view.ts";

/** The command. */
export function pauseCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "pause",
    description: "fire and run nothing anywhere until resumed",
  }).action((options: ConnectionOptions) =>
    withScheduler(shell, options, async ({ scheduler, screen }) => {
      showSystem(screen, await scheduler.pause());
    }),
  );
}
