/** `orrery swh task archive`: moves runs of tasks that have ended for good to files. */

import type { Command } from "commander";
import { resolve } from "node:path";
import { InvalidInputError } from "../../kernel/errors.ts";
import { formatInstant } from "../../kernel/instant.ts";
import { parseCount } from "../command.ts";
import type { Shell } from "../shell.ts";
import { type ArchiveProgress, archiveRuns, archiveWindow } from "../swh/archive.ts";
import { swhCommand, type SwhWork, withSwhScheduler } from "../swh/command.ts";
import { parseDate } from "../swh/date-text.ts";

interface TaskArchiveOptions {
  readonly output?: string;
  readonly after?: string;
  readonly before?: string;
  readonly batchIndex: number;
  readonly bulkIndex: number;
  readonly batchClean: number;
  readonly dryRun?: boolean;
  readonly cleanup: boolean;
  readonly startFrom?: string;
}

/** The command. */
export function swhTaskArchiveCommand(shell: Shell): Command {
  return swhCommand(shell, {
    name: "archive",
    description: "move runs of tasks that have ended for good to files, one a month",
  })
    .option("-o, --output <directory>", "where swh-tasks-YYYY-MM.jsonl are; runs are added to them")
    .option("-a, --after <date>", "runs from then on (default a month before --before)")
    .option("-b, --before <date>", "runs before then (default a week ago)")
    .option("--batch-index <count>", "runs of a page", parseCount, 1_000)
    .option("--bulk-index <count>", "documents of one write", parseCount, 200)
    .option("--batch-clean <count>", "runs of one deletion", parseCount, 1_000)
    .option("--dry-run", "write and delete nothing, say what would be archived")
    .option("--cleanup", "what was written is deleted from the scheduler", true)
    .option("--no-cleanup", "delete nothing")
    .option("--start-from <token>", "go on where an archive broke off")
    .action((options: TaskArchiveOptions, command: Command) =>
      withSwhScheduler(shell, command, (work) => archive(work, options)),
    );
}

async function archive(work: SwhWork, options: TaskArchiveOptions): Promise<void> {
  const { shell, scheduler, screen, now } = work;
  const { output, startFrom, dryRun = false } = options;
  if (output === undefined && !dryRun) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "--output must name a directory", {
      details: { field: "--output", hint: "--dry-run says what would be archived" },
    });
  }
  const usual = archiveWindow(now);
  const at = (text: string | undefined, field: string): typeof now | undefined =>
    text === undefined ? undefined : parseDate(text, { field, now });
  const before = at(options.before, "--before") ?? usual.before;
  const after = at(options.after, "--after") ?? usual.after;
  screen.note(`runs from ${formatInstant(after)} to ${formatInstant(before)}`);
  let next: string | null = startFrom ?? null;
  try {
    const archived = await archiveRuns(scheduler, {
      after,
      before,
      directory: output === undefined || dryRun ? undefined : resolve(shell.directory, output),
      pageCount: options.batchIndex,
      writeCount: options.bulkIndex,
      deleteCount: options.batchClean,
      cleanup: options.cleanup,
      startFrom: next,
      onPage: ({ nextPageToken, archived: count }) => {
        next = nextPageToken;
        if (next !== null) screen.note(`${count} runs; the next page is ${next}`);
      },
    });
    shell.out.write(summaryText(archived, { dryRun }));
  } catch (thrown) {
    if (next !== null) screen.note(`go on with --start-from ${next}`);
    throw thrown;
  }
}

function summaryText(
  { archived, deleted, indices }: ArchiveProgress,
  { dryRun }: { readonly dryRun: boolean },
): string {
  const lines = [...indices].map(([index, count]) => `${index}: ${count}`).toSorted();
  const end = dryRun
    ? `${archived} runs would be archived`
    : `${archived} runs archived, ${deleted} deleted`;
  return [...lines, end].map((line) => `${line}\n`).join("");
}
