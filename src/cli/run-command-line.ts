/** Runs one command line in a shell and answers the exit code; nothing is ever thrown. */

import { reportFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import type { Shell } from "./shell.ts";

/** Parses and runs `shell.args`; errors are told on standard error. */
export async function runCommandLine(shell: Shell): Promise<number> {
  try {
    await createProgram(shell).parseAsync([...shell.args], { from: "user" });
    return shell.exitCode;
  } catch (error) {
    // Parsing may be what failed, so the line itself is asked, up to where options end.
    const end = shell.args.indexOf("--");
    const options = end === -1 ? shell.args : shell.args.slice(0, end);
    return reportFailure(shell, error, {
      json: options.includes("--json"),
      verbose: options.includes("--verbose"),
    });
  }
}
