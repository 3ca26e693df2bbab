/** The options that `serve` and `worker` share. */

import { type Command, Option } from "commander";
import { parseCount } from "../command.ts";
import { withDatabaseOptions, withOutputOptions } from "../connection/connection-options.ts";

/** Adds database, output and worker options. */
export function withProcessOptions(command: Command): Command {
  const option = (flags: string, description: string): Option =>
    new Option(flags, description).helpGroup("Work:");
  command
    .addOption(option("--slots <count>", "runs at one time").argParser(parseCount))
    .addOption(option("--drain <duration>", "what running work gets to end (default 10s)"));
  return withOutputOptions(withDatabaseOptions(command));
}
