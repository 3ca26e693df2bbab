/** `orrery serve`: the server with everything: database, HTTP, worker. */

import type { Command } from "commander";
import { newCommand } from "../command.ts";
import { optionsOf } from "../connection/connection-options.ts";
import type { ScreenOptions } from "../screen.ts";
import { withProcessOptions } from "../serving/process-options.ts";
import type { ListenOptions, ProcessOptions } from "../serving/settings.ts";
import { addSwhOptions, type SwhListenOptions } from "../serving/swh-place.ts";
import type { Shell } from "../shell.ts";

interface ServeOptions extends ScreenOptions, ProcessOptions, ListenOptions, SwhListenOptions {
  readonly config?: string;
  /** False with `--no-worker`. */
  readonly worker: boolean;
}

/** The command. */
export function serveCommand(shell: Shell): Command {
  const option = optionsOf("Server:");
  const command = newCommand(shell, {
    name: "serve",
    description: "start the server: database, HTTP and a worker",
  })
    .addOption(option(["--port <number>", "port; 0 takes any free one (ORRERY_PORT)"]))
    .addOption(
      option(["--host <address>", "address to listen on; others than loopback need a token"]),
    )
    .addOption(option(["--no-worker", "run no tasks here"]));
  addSwhOptions(command);
  return withProcessOptions(command).action(async (options: ServeOptions) => {
    // Loaded on demand: the other commands need neither server nor engine.
    const { runServing } = await import("../serving/run-serving.ts");
    await runServing(shell, { options, http: true, work: options.worker });
  });
}
