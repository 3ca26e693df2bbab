/** `orrery swh task schedule_origins`: one-shot tasks for batches of origins. */

import { type Command, Option } from "commander";
import type { NewTask } from "../../compat/swh/records.ts";
import type { SwhJsonObject } from "../../compat/swh/values.ts";
import { SchedulerException } from "../../compat/swh/errors.ts";
import { parseCount } from "../command.ts";
import { linesOf, openSource } from "../input-lines.ts";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, type SwhWork, withSwhScheduler } from "../swh/command.ts";
import { parseKeywords } from "../swh/task-arguments.ts";
import { knownTaskType } from "../swh/task-types.ts";

interface ScheduleOriginsOptions {
  readonly batchSize: number;
  readonly pageToken: number;
  readonly limit?: number;
  readonly storageUrl?: string;
  readonly origins?: string;
  readonly dryRun?: boolean;
}

/** Tasks of one call. */
const taskCountMax = 1_000;

/** The command. */
export function swhTaskScheduleOriginsCommand(shell: Shell): Command {
  const command = swhCommand(shell, {
    name: "schedule_origins",
    description: "store one-shot tasks for origins, a batch of URLs each",
  })
    .alias("schedule-origins")
    .argument("<type>", "name of the task type")
    .argument("[keywords...]", "key=value, the value in YAML")
    .addOption(
      new Option("-b, --batch-size <count>", "origins of a task").argParser(parseCount).default(10),
    )
    .addOption(
      new Option("--page-token <number>", "pass over so many origins")
        .argParser(parseWhole)
        .default(0),
    )
    .option("--limit <count>", "origins at most", parseCount)
    .option("--origins <file>", "URLs, one a line; - for standard input")
    .option("-g, --storage-url <url>", "not available: Orrery does not read swh-storage")
    .option("--dry-run", "store nothing, say what would be stored");
  return command.action((type: string, texts: readonly string[], options: ScheduleOriginsOptions) =>
    withSwhScheduler(shell, command, (work) =>
      scheduleOrigins(work, { type, kwargs: parseKeywords(texts), ...options }),
    ),
  );
}

async function scheduleOrigins(
  work: SwhWork,
  request: ScheduleOriginsOptions & { readonly type: string; readonly kwargs: SwhJsonObject },
): Promise<void> {
  const { shell, scheduler, now } = work;
  const { type, kwargs, batchSize, dryRun = false } = request;
  await knownTaskType(scheduler, type);
  let tasks: NewTask[] = [];
  let taskCount = 0;
  let originCount = 0;
  const send = async (): Promise<void> => {
    if (!dryRun) await scheduler.createTasks(tasks);
    taskCount += tasks.length;
    tasks = [];
    shell.out.write(`Scheduled ${taskCount} tasks (${originCount} origins).\n`);
  };
  for await (const urls of batchesOf(urlsOf(shell, request), batchSize)) {
    originCount += urls.length;
    tasks.push({ type, policy: "oneshot", nextRun: now, arguments: { args: [urls], kwargs } });
    if (tasks.length === taskCountMax) await send();
  }
  if (tasks.length > 0) await send();
  shell.out.write(
    taskCount > 0 ? "Done.\n" : "Nothing to do (no origin metadata matched the criteria).\n",
  );
}

/** Origins come from a list: who keeps them all, swh-storage, is another service. */
async function* urlsOf(
  shell: Shell,
  { origins, storageUrl, pageToken, limit }: ScheduleOriginsOptions,
): AsyncGenerator<string, void> {
  if (origins === undefined || storageUrl !== undefined) {
    throw new SchedulerException(
      "Orrery does not read origins from swh-storage: name a file of URLs with --origins",
    );
  }
  let seen = 0;
  let given = 0;
  for await (const { text } of linesOf(openSource(shell, origins))) {
    if (text.trim() === "") continue;
    seen += 1;
    if (seen <= pageToken) continue;
    if (given === limit) return;
    given += 1;
    yield text.trim();
  }
}

async function* batchesOf(
  urls: AsyncIterable<string>,
  size: number,
): AsyncGenerator<readonly string[], void> {
  let batch: string[] = [];
  for await (const url of urls) {
    batch.push(url);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
