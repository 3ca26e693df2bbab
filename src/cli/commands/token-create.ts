/** `orrery token create`: makes an API token and shows its secret, the only time. */

import { type Command, Option } from "commander";
import { tokenRoles, type TokenRole } from "../../model/worker.ts";
import { parseCount, schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import type { Shell } from "../shell.ts";

interface TokenCreateOptions extends ConnectionOptions {
  readonly role: TokenRole;
  readonly expiresInDays?: number;
}

/** The command. */
export function tokenCreateCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "create",
    description: "make an API token; its secret is shown only now",
  })
    .argument("<name>", "who or what it is for")
    .addOption(
      new Option("--role <role>", "what it allows; each also allows what those before it do")
        .choices(tokenRoles)
        .default("viewer"),
    )
    .option("--expires-in-days <count>", "when it ends; without, never", parseCount)
    .action((name: string, options: TokenCreateOptions) =>
      withScheduler(shell, options, async ({ scheduler, screen }) => {
        const created = await scheduler.createToken({
          name,
          role: options.role,
          ...(options.expiresInDays === undefined ? {} : { expiresInDays: options.expiresInDays }),
        });
        screen.show(created, () => {
          screen.note(`token ${created.token.id} "${name}" with the role ${created.token.role};`);
          screen.note("this is its secret, which cannot be shown again:");
          screen.line(created.secret);
        });
      }),
    );
}
