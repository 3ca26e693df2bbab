/** The options that `serve` and `worker` share. */

import type { Command } from "commander";
import { parseCount } from "../command.ts";
import {
  optionsOf,
  withDatabaseOptions,
  withOutputOptions,
} from "../connection/connection-options.ts";

/** Adds database, output and worker options. */
export function withProcessOptions(command: Command): Command {
  const option = optionsOf("Work:");
  command
    .addOption(option(["--slots <count>", "runs at one time"]).argParser(parseCount))
    .addOption(option(["--drain <duration>", "what running work gets to end (default 10s)"]));
  return withOutputOptions(withDatabaseOptions(command));
}
