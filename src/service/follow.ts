/** Waiting for runs and following what happens: hints wake, the database's rows are the truth. */

import { present } from "../kernel/assert.ts";
import { reasonOf } from "../kernel/clock.ts";
import { type InvalidInputError, TimeoutError } from "../kernel/errors.ts";
import { ifPresent, invalidField, readNumber, readText } from "../kernel/fields.ts";
import { toId, type RunId, type TaskId } from "../kernel/ids.ts";
import { addMillis, type Instant } from "../kernel/instant.ts";
import type { Attempt, LogLine, RunDetail } from "../model/run.ts";
import type { EndedAttempt, LogPosition } from "../model/store.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import type { ServiceContext } from "./context.ts";
import { HintWaiter } from "./hint-waiter.ts";
import { getRun, isEnded, parseLogPosition } from "./runs.ts";

/** Rows of one look. */
const batchMax = 500;
/** The longest wait, a year in milliseconds. */
const waitMsMax = 31_536_000_000;
/**
 * Milliseconds that an attempt's end may lie before the newest one seen and still be new: its
 * transaction took its time of the clock first and became visible later. Ends are told in order but
 * for so much.
 */
export const overlapMs = 2_000;

/** How long to wait; `timeoutMs` is checked. */
export interface WaitFields {
  readonly timeoutMs?: unknown;
  /** Ends the wait at once. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait after one last look: the run may have ended as the last thing that did. */
  readonly closing?: AbortSignal | undefined;
}

/** Which attempts to follow, and after which one; all but the signal is checked. */
export interface FollowRunsFields {
  readonly type?: unknown;
  readonly taskId?: unknown;
  readonly graphId?: unknown;
  /** `runId.attempt`. */
  readonly after?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** After which line to follow a log; `after` is checked. */
export interface FollowLogsFields {
  /** `attempt.seq`. */
  readonly after?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The run, once it has ended.
 * @throws TimeoutError `ORR_TIMEOUT_WAIT`
 * @throws NotFoundError `ORR_NOT_FOUND_RUN`
 */
export async function waitForRun(
  context: ServiceContext,
  { id, fields }: { readonly id: unknown; readonly fields: WaitFields },
): Promise<RunDetail> {
  const runId = toId<RunId>(id, "id");
  let run: RunDetail | undefined;
  await waitUntil(context, fields, {
    look: async () => {
      run = await getRun(context, runId);
      return isEnded(run);
    },
    late: (timeoutMs) => waitTimeout(present(run, "a run that was looked at"), timeoutMs),
  });
  return present(run, "a run that was looked at");
}

/** What is waited for. */
export interface Awaited {
  /** Whether it has come. */
  readonly look: () => Promise<boolean>;
  /** The error when it has not in time. */
  readonly late: (timeoutMs: number) => TimeoutError;
}

/** Looks again whenever a run has ended, until what is waited for has come. */
export async function waitUntil(
  { clock, store }: ServiceContext,
  fields: WaitFields,
  { look, late }: Awaited,
): Promise<void> {
  const timeoutMs = ifPresent(fields.timeoutMs, (value) =>
    readNumber(value, { field: "timeoutMs", min: 0, max: waitMsMax }),
  );
  const { signal, closing } = fields;
  const either = signal && closing ? AbortSignal.any([signal, closing]) : (signal ?? closing);
  const deadline = clock.monotonicMs() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  using waiter = new HintWaiter(store.notifier, ["ended"], clock);
  for (;;) {
    if (signal?.aborted === true) throw reasonOf(signal);
    const isLastLook = isAborted(closing);
    if (await look()) return;
    if (closing !== undefined && isLastLook) throw reasonOf(closing);
    const leftMs = deadline - clock.monotonicMs();
    if (leftMs <= 0) throw late(timeoutMs ?? 0);
    // Whichever signal ended the wait: the next turn answers to it.
    await woken(waiter, { signal: either, atMostMs: leftMs });
  }
}

function waitTimeout(run: RunDetail, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    "ORR_TIMEOUT_WAIT",
    `run ${run.id} has not ended within ${timeoutMs} ms: it is ${run.state}`,
    { details: { runId: run.id, state: run.state, timeoutMs } },
  );
}

/**
 * Attempts as they end, each once, about in the order of their ends: from the call on, or from a
 * little before the end of the attempt `after`, which itself is left out. Ends when the signal is
 * aborted.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CURSOR` at the call
 * @throws NotFoundError `ORR_NOT_FOUND_RUN` at the first step
 * @throws InvalidInputError `ORR_INPUT_CURSOR` at the first step, when that has not ended
 */
export function followRuns(
  context: ServiceContext,
  fields: FollowRunsFields,
): AsyncIterable<EndedAttempt> {
  const typeName = ifPresent(fields.type, (value) =>
    readText(value, { field: "type", max: taskTypeNameLettersMax }),
  );
  const taskId = ifPresent(fields.taskId, (value) => toId<TaskId>(value, "taskId"));
  const graphId = ifPresent(fields.graphId, (value) => toId<TaskId>(value, "graphId"));
  const after = ifPresent(fields.after, parseAttemptPlace);
  const window = after === undefined ? windowFromNow(context) : windowAfter(context, after);
  // Whoever iterates gets the failure; it is no unhandled rejection until then.
  window.catch(() => undefined);
  const wanted = (attempt: EndedAttempt): boolean =>
    (typeName === undefined || attempt.typeName === typeName) &&
    (taskId === undefined || attempt.taskId === taskId) &&
    (graphId === undefined || attempt.graphId === graphId);
  return endedFrom(context, { window, wanted, signal: fields.signal });
}

/** The place of an attempt among those that are followed. */
export interface AttemptPlace {
  readonly runId: RunId;
  readonly attempt: number;
}

/** Reads `runId.attempt`. @throws InvalidInputError `ORR_INPUT_CURSOR` */
export function parseAttemptPlace(value: unknown): AttemptPlace {
  const match = typeof value === "string" ? /^(\d{1,16})\.(\d{1,10})$/.exec(value) : null;
  const runId = Number(match?.[1]);
  const attempt = Number(match?.[2]);
  if (Number.isSafeInteger(runId) && runId > 0 && attempt > 0) {
    return { runId: toId<RunId>(runId, "after"), attempt };
  }
  throw placeError(value);
}

/**
 * The attempt of a run at a place.
 * @throws InvalidInputError `ORR_INPUT_CURSOR` when the run has had none with that number
 */
export function attemptAt<Ended extends Pick<Attempt, "attempt">>(
  { attempts }: { readonly attempts: readonly Ended[] },
  { runId, attempt }: AttemptPlace,
): Ended {
  const found = attempts.find((each) => each.attempt === attempt);
  if (found === undefined) throw placeError(`${runId}.${attempt}`);
  return found;
}

function placeError(value: unknown): InvalidInputError {
  const expected = "runId.attempt of an attempt that has ended, such as 7.1";
  return invalidField("after", { expected, value, code: "ORR_INPUT_CURSOR" });
}

async function windowFromNow({ store }: ServiceContext): Promise<SeenWindow> {
  return new SeenWindow(await store.system.now());
}

async function windowAfter(context: ServiceContext, place: AttemptPlace): Promise<SeenWindow> {
  const last = attemptAt(await getRun(context, place.runId), place);
  const window = new SeenWindow(addMillis(last.finishedAt, -overlapMs));
  window.note(last);
  return window;
}

async function* endedFrom(
  { store, clock }: ServiceContext,
  options: {
    readonly window: Promise<SeenWindow>;
    readonly wanted: (attempt: EndedAttempt) => boolean;
    readonly signal: AbortSignal | undefined;
  },
): AsyncGenerator<EndedAttempt, void, undefined> {
  const { wanted, signal } = options;
  using waiter = new HintWaiter(store.notifier, ["ended"], clock);
  const window = await options.window;
  while (!isAborted(signal)) {
    let from = window.from;
    for (;;) {
      const batch = await store.history.listEndedSince(from, batchMax);
      for (const attempt of batch) {
        if (window.note(attempt) && wanted(attempt)) yield attempt;
      }
      const last = batch.at(-1);
      if (last === undefined || batch.length < batchMax || isAborted(signal)) break;
      // A whole batch of one instant would be read for ever: step over that instant.
      from = last.finishedAt > from ? last.finishedAt : addMillis(from, 0.001);
    }
    window.prune();
    if (!(await woken(waiter, { signal }))) return;
  }
}

/** Which attempts of the last moments have been seen, so that none is told twice. */
class SeenWindow {
  readonly #start: Instant;
  #newest: Instant;
  readonly #seen = new Map<string, Instant>();

  constructor(start: Instant) {
    this.#start = start;
    this.#newest = start;
  }

  /** From where to read again. */
  get from(): Instant {
    const early = addMillis(this.#newest, -overlapMs);
    return early > this.#start ? early : this.#start;
  }

  /** Notes an attempt; answers whether it is new. */
  note({ runId, attempt, finishedAt }: Attempt): boolean {
    const name = `${runId}.${attempt}`;
    if (this.#seen.has(name)) return false;
    this.#seen.set(name, finishedAt);
    if (finishedAt > this.#newest) this.#newest = finishedAt;
    return true;
  }

  /** Forgets what will not be read again. */
  prune(): void {
    for (const [name, finishedAt] of this.#seen) {
      if (finishedAt < this.from) this.#seen.delete(name);
    }
  }
}

/** Waits for the next look; false when the signal ended the wait. */
async function woken(
  waiter: HintWaiter,
  options: { readonly signal: AbortSignal | undefined; readonly atMostMs?: number },
): Promise<boolean> {
  try {
    await waiter.wait(options);
    return true;
  } catch (thrown) {
    if (isAborted(options.signal)) return false;
    throw thrown;
  }
}

/** Asked anew each time: while one awaits, a signal changes behind the compiler's back. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/**
 * The lines of a run's log from the first on, or after one of them; ends with the run, or when the
 * signal is aborted.
 * @throws NotFoundError `ORR_NOT_FOUND_RUN` at the first step
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CURSOR` at the first step
 */
export async function* followLogs(
  context: ServiceContext,
  { id, fields }: { readonly id: unknown; readonly fields: FollowLogsFields },
): AsyncGenerator<LogLine, void, undefined> {
  const { store, clock } = context;
  const { signal } = fields;
  const runId = toId<RunId>(id, "id");
  let position: LogPosition = ifPresent(fields.after, parseLogPosition) ?? { attempt: 0, seq: 0 };
  using waiter = new HintWaiter(store.notifier, ["log", "ended"], clock);
  while (!isAborted(signal)) {
    // The run is looked at before its lines: those of an ended run are all there.
    const ended = isEnded(await getRun(context, runId));
    let lines = await store.history.listLog(runId, position, batchMax);
    for (;;) {
      yield* lines;
      position = lines.at(-1) ?? position;
      if (lines.length < batchMax || isAborted(signal)) break;
      lines = await store.history.listLog(runId, position, batchMax);
    }
    if (ended || !(await woken(waiter, { signal }))) return;
  }
}
