/** `orrery token revoke`: makes an API token useless from now on. */

import type { Command } from "commander";
import { idArgument, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function tokenRevokeCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "revoke",
    description: "make an API token useless from now on",
  })
    .addArgument(idArgument("token"))
    .action((id: number, options: ConnectionOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        await scheduler.revokeToken(id);
        screen.show({ id, revoked: true }, () => screen.line(`token ${id} is revoked`));
      }),
    );
}
