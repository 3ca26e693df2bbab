/** Runs one command line in a shell and answers the exit code; nothing is ever thrown. */

import { exitCodeOf } from "./exit-codes.ts";
import { reportFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import type { Shell } from "./shell.ts";
import { swhExitCodeOf } from "./swh/exit-codes.ts";
import { swhNaming } from "./swh/naming.ts";

/** Parses and runs `shell.args`; errors are told on standard error. */
export async function runCommandLine(shell: Shell): Promise<number> {
  try {
    const program = await createProgram(shell);
    await program.parseAsync([...shell.args], { from: "user" });
    return shell.exitCode;
  } catch (error) {
    // Parsing may be what failed, so the line itself is asked, up to where options end.
    const end = shell.args.indexOf("--");
    const options = end === -1 ? shell.args : shell.args.slice(0, end);
    return reportFailure(shell, error, {
      json: options.includes("--json"),
      verbose: options.includes("--verbose"),
      exitCodeOf: options[0] === swhNaming.name ? swhExitCodeOf : exitCodeOf,
    });
  }
}
