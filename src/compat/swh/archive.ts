/** Pages of runs to be archived. */

import { formatInstant, type Instant } from "../../kernel/instant.ts";
import type { SwhArchivedRun, SwhArchiveFilter, SwhTaskStore } from "../../model/swh-task.ts";
import { SwhFault } from "./errors.ts";
import { refusing } from "./refusals.ts";
import type { ArchivedRun, ArchiveFilter, ArchivePage } from "./scheduler.ts";
import { readArguments, readStoredObject } from "./stored-json.ts";
import type { RowLimits } from "./row-limits.ts";
import { writeJson } from "./wire/json-write.ts";

/**
 * One page. Its token is the id of the task that the next one begins with, as old clients expect;
 * a task that has more runs than a page would be asked for again and again, so the page that
 * begins with a task which it cannot finish is finished beyond its limit.
 */
export async function filterToArchive(
  store: SwhTaskStore,
  filter: ArchiveFilter,
  limits: RowLimits,
): Promise<ArchivePage> {
  const { limit: wanted = 10, pageToken = null } = filter;
  const limit = Number(limits.exactly(wanted, "limit"));
  const first = pageToken === null ? -1n : taskIdOf(pageToken);
  const list = async (range: TaskRange, rowCount: number): Promise<readonly SwhArchivedRun[]> =>
    await refusing(
      store.listArchivable({
        from: timeText(filter.afterTs),
        until: timeText(filter.beforeTs),
        ...range,
        limit: rowCount,
      }),
    );
  const found = await list({ taskIdMin: first, taskIdMax: null }, limit + 1);
  const next = found[limit]?.task.id;
  if (next === undefined || BigInt(next) !== first || pageToken === null) {
    return pageOf(found.slice(0, limit), next);
  }
  const finished = await list({ taskIdMin: first, taskIdMax: first }, limits.rowCountMax + 1);
  const [after] = await list({ taskIdMin: first + 1n, taskIdMax: null }, 1);
  return pageOf(limits.all(finished, "before_ts"), after?.task.id);
}

type TaskRange = Pick<SwhArchiveFilter, "taskIdMin" | "taskIdMax">;

function pageOf(rows: readonly SwhArchivedRun[], nextTaskId: number | undefined): ArchivePage {
  const tasks = rows.map(archivedRun);
  return nextTaskId === undefined ? { tasks } : { tasks, nextPageToken: String(nextTaskId) };
}

function taskIdOf(pageToken: string): bigint {
  if (/^\d{1,19}$/.test(pageToken)) return BigInt(pageToken);
  const shown = JSON.stringify(pageToken.slice(0, 40));
  throw new SwhFault("ValueError", `page_token must be the digits of a task id, not ${shown}`, {
    field: "page_token",
  });
}

/** Text is read by the database, which knows many forms of a time. */
function timeText(time: string | Instant): string {
  return typeof time === "string" ? time : formatInstant(time);
}

function archivedRun({ task, run }: SwhArchivedRun): ArchivedRun {
  const { args, kwargs } = readArguments(task.argumentsJson);
  return {
    taskId: task.id,
    taskPolicy: task.policy,
    taskStatus: task.status,
    taskRunId: run.id,
    arguments: { args: new Map(args.entries()), kwargs: writeJson(kwargs) },
    type: task.type,
    backendId: run.backendId,
    metadata: run.metadataJson === null ? null : readStoredObject(run.metadataJson),
    scheduled: run.scheduled,
    started: run.started,
    ended: run.ended,
    taskRunStatus: run.status,
  };
}
