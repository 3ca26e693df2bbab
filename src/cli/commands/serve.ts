/** `orrery serve`: the server with everything: database, HTTP, worker. */

import { type Command, Option } from "commander";
import { newCommand } from "../command.ts";
import type { ScreenOptions } from "../screen.ts";
import { withProcessOptions } from "../serving/process-options.ts";
import { runServing } from "../serving/run-serving.ts";
import type { ListenOptions, ProcessOptions } from "../serving/settings.ts";
import type { Shell } from "../shell.ts";

interface ServeOptions extends ScreenOptions, ProcessOptions, ListenOptions {
  readonly config?: string;
  /** False with `--no-worker`. */
  readonly worker: boolean;
}

/** The command. */
export function serveCommand(shell: Shell): Command {
  const option = (flags: string, description: string): Option =>
    new Option(flags, description).helpGroup("Server:");
  const command = newCommand(shell, "serve", "start the server: database, HTTP and a worker")
    .addOption(option("--port <number>", "port; 0 takes any free one (ORRERY_PORT)"))
    .addOption(option("--host <address>", "address to listen on; others than loopback need a token"))
    .addOption(option("--no-worker", "run no tasks here"));
  return withProcessOptions(command).action((options: ServeOptions) =>
    runServing(shell, { options, http: true, work: options.worker }),
  );
}
