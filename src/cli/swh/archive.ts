/**
 * The archive of tasks that have ended for good: pages of their runs go as documents to files of
 * lines, one file for each month, and only what a disk holds is deleted.
 */

import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { ArchivedIds, ArchivedRun, SwhTaskScheduler } from "../../compat/swh/scheduler.ts";
import type { SwhJsonObject } from "../../compat/swh/values.ts";
import { isoTimeText } from "../../compat/swh/wire/iso-time.ts";
import { writeJson } from "../../compat/swh/wire/json-write.ts";
import { formatInstant, type Instant, parseInstant } from "../../kernel/instant.ts";
import { intervalOf } from "../../kernel/interval.ts";
import {
  type CalendarDate,
  dateOfDay,
  daysInMonth,
  monthNumberOf,
} from "../../time/calendar-date.ts";

/** What is archived, and how. */
export interface ArchiveRequest {
  readonly after: Instant;
  readonly before: Instant;
  /** Where the files are; undefined writes and deletes nothing. */
  readonly directory: string | undefined;
  /** Runs of a page. */
  readonly pageCount: number;
  /** Documents of one write. */
  readonly writeCount: number;
  /** Runs of one deletion. */
  readonly deleteCount: number;
  /** Whether what was written is deleted from the scheduler. */
  readonly cleanup: boolean;
  readonly startFrom: string | null;
  /** Told of each page that is done for good, with the token of the next one. */
  readonly onPage: (progress: ArchiveProgress) => void;
}

/** How far an archive is. */
export interface ArchiveProgress {
  readonly archived: number;
  readonly deleted: number;
  /** Documents of each index, by its name. */
  readonly indices: ReadonlyMap<string, number>;
  /** Null when there is no more. */
  readonly nextPageToken: string | null;
}

/** Archives all pages. */
export async function archiveRuns(
  scheduler: SwhTaskScheduler,
  request: ArchiveRequest,
): Promise<ArchiveProgress> {
  const { after, before, directory, pageCount, writeCount, deleteCount, cleanup } = request;
  const indices = new Map<string, number>();
  let token = request.startFrom;
  let archived = 0;
  let deleted = 0;
  for (;;) {
    const filter = { afterTs: after, beforeTs: before, limit: pageCount, pageToken: token };
    const { tasks: runs, nextPageToken } = await scheduler.filterTaskToArchive(filter);
    for (const part of partsOf(runs, writeCount)) {
      if (directory !== undefined) await writeDocuments(directory, part);
      for (const run of part) indices.set(indexOf(run), (indices.get(indexOf(run)) ?? 0) + 1);
      archived += part.length;
    }
    if (cleanup && directory !== undefined) {
      for (const part of partsOf(runs, deleteCount)) {
        await scheduler.deleteArchivedTasks(part.map(idsOf));
        deleted += part.length;
      }
    }
    token = nextPageToken ?? null;
    const progress = { archived, deleted, indices, nextPageToken: token };
    request.onPage(progress);
    if (token === null) return progress;
  }
}

function partsOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function idsOf({ taskId, taskRunId }: ArchivedRun): ArchivedIds {
  return { taskId, taskRunId };
}

/** The index of a run, by the month in which it began, else was scheduled. */
function indexOf({ started, scheduled }: ArchivedRun): string {
  const at = started ?? scheduled;
  return `swh-tasks-${at === null ? "unknown" : formatInstant(at).slice(0, 7)}`;
}

/** Appends them, each to the file of its index, and waits until the disk has them. */
async function writeDocuments(directory: string, runs: readonly ArchivedRun[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [index, ofIndex] of Map.groupBy(runs, indexOf)) {
    await using file = await open(join(directory, `${index}.jsonl`), "a");
    await file.appendFile(ofIndex.map((run) => `${writeJson(documentOf(run))}\n`).join(""));
    await file.sync();
  }
}

function documentOf(run: ArchivedRun): SwhJsonObject {
  const at = (instant: Instant | null): string | null =>
    instant === null ? null : isoTimeText(instant);
  const args = [...run.arguments.args].map(([index, value]) => [String(index), value] as const);
  return {
    task_id: run.taskId,
    task_policy: run.taskPolicy,
    task_status: run.taskStatus,
    task_run_id: run.taskRunId,
    arguments: { args: Object.fromEntries(args), kwargs: run.arguments.kwargs },
    type: run.type,
    backend_id: run.backendId,
    metadata: run.metadata,
    scheduled: at(run.scheduled),
    started: at(run.started),
    ended: at(run.ended),
  };
}

const microsPerDay = 86_400_000_000n;

/** The month that ended a week ago, from midnight to midnight in UTC. */
export function archiveWindow(now: Instant): { readonly after: Instant; readonly before: Instant } {
  const weekAgo = now - intervalOf({ days: 7 });
  const rest = ((weekAgo % microsPerDay) + microsPerDay) % microsPerDay;
  const dayNumber = Number((weekAgo - rest) / microsPerDay);
  const date = dateOfDay(dayNumber);
  const monthNumber = monthNumberOf(date) - 1;
  const day = Math.min(date.day, daysInMonth(monthNumber));
  const year = Math.floor(monthNumber / 12);
  return {
    after: dayInstant({ year, month: monthNumber - year * 12 + 1, day }),
    before: dayInstant(date),
  };
}

function dayInstant({ year, month, day }: CalendarDate): Instant {
  const two = (count: number): string => String(count).padStart(2, "0");
  return parseInstant(`${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T00:00:00Z`);
}
