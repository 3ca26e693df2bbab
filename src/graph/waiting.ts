/** Driving a stepped task to its end, with a pause on the clock at each suspension. */

import { type Clock, delay } from "../kernel/clock.ts";
import { readNumber } from "../kernel/fields.ts";
import type { Resumable } from "./stepped-task.ts";

/** How long the pauses are; null goes on at once, without a turn of the event loop. */
export interface WaitOptions {
  /**
   * Seconds between steps, at most 24 days.
   * @defaultValue 1
   */
  readonly waitTime?: number | null;
  /** Closes the task when it is aborted in a pause; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The pauses of one drive, in seconds. */
export interface Pauses {
  readonly clock: Clock;
  readonly first: number | null;
  readonly further: number | null;
  readonly signal: AbortSignal | undefined;
}

/** What `delay` takes at most, in whole seconds. */
const waitTimeMax = 2_147_483;

/**
 * Reads the seconds between steps.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readWaitTime(value: number | null | undefined): number | null {
  if (value === null) return null;
  return readNumber(value ?? 1, { field: "waitTime", min: 0, max: waitTimeMax });
}

/** Steps a task until it ends, and hands out its result. */
export async function driveToEnd<Result>(task: Resumable<Result>, pauses: Pauses): Promise<Result> {
  let seconds = pauses.first;
  for (;;) {
    const step = task.next();
    if (step.done === true) return step.value;
    if (seconds !== null) await pauseOrClose(task, { ...pauses, ms: seconds * 1_000 });
    seconds = pauses.further;
  }
}

async function pauseOrClose(
  task: Resumable<unknown>,
  { clock, ms, signal }: Pick<Pauses, "clock" | "signal"> & { readonly ms: number },
): Promise<void> {
  try {
    await delay(clock, ms, signal);
  } catch (reason) {
    task.return(undefined);
    throw reason;
  }
}
