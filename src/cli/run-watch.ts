/** Shows a run while it lives: its log lines as they come and how far it says it has come. */

import type { LogRecord, RunDetailRecord, RunRecord } from "../api/records.ts";
import { delay } from "../kernel/clock.ts";
import { ExecutorError, NotFoundError, TimeoutError } from "../kernel/errors.ts";
import type { Work } from "./command.ts";
import { describeDuration } from "./duration.ts";
import { logText, runFields } from "./presentation.ts";
import { openStatusLine, type StatusLine } from "./terminal/status-line.ts";
import { progressLine } from "./terminal/progress-bar.ts";
import { onOneLine } from "./terminal/text-width.ts";

/** Milliseconds between two looks at a run's progress. */
const lookEveryMs = 400;

/** Which run to watch, and for how long at most. */
export interface WatchRequest {
  readonly runId: number;
  /** `attempt.line` after which its log is shown. @defaultValue from the first line */
  readonly after?: string | undefined;
  /** Absent waits for ever. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Follows the run to its end and shows the result; its log lines go to standard error, so that
 * standard output holds the result alone.
 * @throws ExecutorError `ORR_EXEC_FAILED` when it did not succeed, after it has been shown
 * @throws TimeoutError `ORR_TIMEOUT_WAIT`
 */
export async function showRunUntilEnd(work: Work, request: WatchRequest): Promise<void> {
  const { scheduler, screen, shell } = work;
  await followRun(work, request, (line) => {
    if (!screen.json) shell.err.write(`${logText(line, shell.err.paint)}\n`);
  });
  // Its log ends with the run; a stream that broke off is no reason to show half of it.
  const run = await scheduler.waitForRun(request.runId, { signal: shell.signal });
  screen.show(run, () => screen.fields(runFields(run)));
  if (run.state !== "succeeded") throw failureOf(run);
}

/** Prints the log of a run as it grows, until the run has ended. */
export async function printLogsUntilEnd(work: Work, request: WatchRequest): Promise<void> {
  const { screen, shell } = work;
  await followRun(work, request, (line) => {
    screen.showLine(line, () => screen.line(logText(line, shell.out.paint)));
  });
}

/**
 * The id of the last run of a task.
 * @throws NotFoundError `ORR_NOT_FOUND_RUN` when it has none
 */
export async function newestRunOf({ scheduler }: Work, taskId: number): Promise<number> {
  const { items } = await scheduler.listRuns({ taskId, limit: 1 });
  const run = items[0];
  if (run !== undefined) return run.id;
  throw new NotFoundError("ORR_NOT_FOUND_RUN", `task ${taskId} has no run yet`, {
    details: { taskId, hint: `\`orrery task show ${taskId}\` tells when it runs next` },
  });
}

/** Hands on each log line; on a terminal a line below shows how far the run has come. */
async function followRun(
  { shell, scheduler, screen }: Work,
  request: WatchRequest,
  onLine: (line: LogRecord) => void,
): Promise<void> {
  using status = openStatusLine(shell.err, { quiet: screen.json });
  const stop = new AbortController();
  const timer =
    request.timeoutMs === undefined
      ? undefined
      : shell.clock.schedule(request.timeoutMs, () => stop.abort(waitedTooLong(request)));
  const signal = AbortSignal.any([shell.signal, stop.signal]);
  const drawing = drawProgress({ shell, scheduler, screen }, { request, status, signal });
  try {
    const { runId, after } = request;
    const from = after === undefined ? {} : { after };
    for await (const line of scheduler.followLogs(runId, { ...from, signal })) {
      status.around(() => onLine(line));
    }
    signal.throwIfAborted();
  } catch (error) {
    // A stream that is called off ends in words of its own; what counts is why it was.
    throw signal.aborted ? signal.reason : error;
  } finally {
    timer?.[Symbol.dispose]();
    stop.abort();
    await drawing;
  }
}

/** Draws until called off. What goes wrong here is left to the log stream to tell. */
async function drawProgress(
  { shell, scheduler }: Work,
  {
    request,
    status,
    signal,
  }: {
    readonly request: WatchRequest;
    readonly status: StatusLine;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (!shell.err.isTerminal) return;
  try {
    for (let tick = 0; !signal.aborted; tick += 1) {
      const run = await scheduler.getRun(request.runId);
      // The answer may have been on its way while the end was shown.
      if (!signal.aborted) status.draw(progressLine(viewOf(run, tick), status.width()));
      await delay(shell.clock, lookEveryMs, signal);
    }
  } catch {
    // Called off while waiting, or the server went away, which the log stream tells.
  }
}

function viewOf(run: RunRecord, tick: number): Parameters<typeof progressLine>[0] {
  return {
    fraction: run.progress?.fraction ?? null,
    message: run.progress?.message ?? null,
    state: run.state === "blocked" ? `waits for ${run.pendingCount} task(s)` : run.state,
    tick,
  };
}

function waitedTooLong(request: WatchRequest): TimeoutError {
  const waited = describeDuration(request.timeoutMs ?? 0);
  return new TimeoutError("ORR_TIMEOUT_WAIT", `run ${request.runId} did not end within ${waited}`, {
    details: {
      runId: request.runId,
      hint: `it goes on; \`orrery run logs -f ${request.runId}\` watches it again`,
    },
  });
}

function failureOf(run: RunDetailRecord): ExecutorError {
  const why = run.error === null ? "" : `: ${onOneLine(run.error.message)}`;
  return new ExecutorError("ORR_EXEC_FAILED", `run ${run.id} ended as ${run.state}${why}`, {
    details: { runId: run.id, hint: `\`orrery run show ${run.id}\` tells what happened` },
  });
}
