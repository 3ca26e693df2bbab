/** Work that waits on a manual clock, brought to its end without waiting. */

import { nextTurn } from "../kernel/clock.ts";
import { TimeoutError } from "../kernel/errors.ts";
import type { ManualClock } from "./manual-clock.ts";

/** Turns of the event loop without a timer after which the work is taken to wait for ever. */
const idleTurnsMax = 1_000;

/**
 * Moves the clock from timer to timer until `work` has settled, and answers as it does. Whatever a
 * timer sets going comes to rest before the clock moves on.
 * @throws TimeoutError `ORR_TIMEOUT_WAIT` when the work waits for something that is no timer
 */
export async function runOnClock<Result>(
  clock: ManualClock,
  work: PromiseLike<Result>,
): Promise<Result> {
  const seen = { isSettled: false };
  const settle = (): void => {
    seen.isSettled = true;
  };
  work.then(settle, settle);
  await nextTurn();
  for (let idleTurns = 0; !seen.isSettled; await nextTurn()) {
    idleTurns = clock.advanceToNext() ? 0 : idleTurns + 1;
    if (idleTurns <= idleTurnsMax) continue;
    throw new TimeoutError("ORR_TIMEOUT_WAIT", "the work waits for something that is no timer");
  }
  return await work;
}
