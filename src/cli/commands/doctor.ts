/** `orrery doctor`: looks at everything that a server needs, and says what to do. */

import type { Command } from "commander";
import { newCommand } from "../command.ts";
import { type ConnectionOptions, withConnectionOptions } from "../connection/connection-options.ts";
import { type Finding, printFinding } from "../doctor/finding.ts";
import { exitCodes } from "../exit-codes.ts";
import { createScreen } from "../screen.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function doctorCommand(shell: Shell): Command {
  return withConnectionOptions(
    newCommand(shell, {
      name: "doctor",
      description: "look at everything that a server needs; exit 1 if it cannot work",
    }),
  ).action(async (options: ConnectionOptions) => {
    const screen = createScreen(shell, options);
    const findings: Finding[] = [];
    // Loaded on demand: the other commands need neither database nor task modules.
    const { examine } = await import("../doctor/examine.ts");
    for await (const finding of examine(shell, options)) {
      findings.push(finding);
      // People see each line when it is known: some checks take a second.
      if (!screen.json) printFinding(screen, shell.out, finding);
    }
    const failed = findings.some(({ status }) => status === "fail");
    if (screen.json) screen.show({ ok: !failed, findings }, () => undefined);
    if (failed) shell.exitCode = exitCodes.failure;
  });
}
