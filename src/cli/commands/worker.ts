/** `orrery worker`: runs tasks, without HTTP; as many of them as wanted beside one server. */

import type { Command } from "commander";
import { newCommand } from "../command.ts";
import type { ScreenOptions } from "../screen.ts";
import { withProcessOptions } from "../serving/process-options.ts";
import type { ProcessOptions } from "../serving/settings.ts";
import type { Shell } from "../shell.ts";

interface WorkerOptions extends ScreenOptions, ProcessOptions {
  readonly config?: string;
}

/** The command. */
export function workerCommand(shell: Shell): Command {
  return withProcessOptions(
    newCommand(shell, {
      name: "worker",
      description: "run tasks without HTTP, beside a server on the same database",
    }),
  ).action(async (options: WorkerOptions) => {
    // Loaded on demand: the other commands need no engine.
    const { runServing } = await import("../serving/run-serving.ts");
    await runServing(shell, { options, http: false, work: true });
  });
}
