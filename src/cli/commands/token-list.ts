/** `orrery token list`: the API tokens, without their secrets. */

import type { Command } from "commander";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { tokenTable } from "../presentation.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function tokenListCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "list",
    description: "show the API tokens, without their secrets",
  }).action((options: ConnectionOptions) =>
    withScheduler(shell, options, async ({ scheduler, screen }) => {
      const tokens = await scheduler.listTokens();
      screen.show(tokens, () => {
        if (tokens.length > 0) screen.table(tokenTable(tokens));
        else screen.note("no tokens; `orrery token create` makes one");
      });
    }),
  );
}
