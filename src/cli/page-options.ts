/** The options of lists that come in pages. */

import type { Command } from "commander";
import type { Page } from "../api/records.ts";
import type { PageOptions } from "../api/scheduler.ts";
import { parseCount } from "./command.ts";
import type { Screen } from "./screen.ts";

/** The options as they were typed. */
export interface PageCommandOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Adds `--limit` and `--cursor`. */
export function withPageOptions(command: Command): Command {
  return command
    .option("--limit <count>", "how many, at most 1000 (default 50)", parseCount)
    .option("--cursor <text>", "go on where the list before ended");
}

/** The options in the scheduler's words. */
export function pageOf(options: PageCommandOptions): PageOptions {
  return {
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
  };
}

/** Says how to see the rest, when there is one. */
export function tellOfMore(screen: Screen, page: Page<unknown>): void {
  if (page.nextCursor !== null) screen.note(`there are more: --cursor ${page.nextCursor}`);
}
