/** Fails twice, then succeeds: shows what a retry policy does. */

import { defineTask, failed } from "orrery";

/** The try that succeeds. */
const goodAttempt = 3;

/** Stands for a mirror that needs a moment: the first retry comes after 1 s, the second after 2. */
export const reachMirror = defineTask<unknown, unknown, { readonly attempts: number }>({
  name: "reachMirror",
  description: "Fails twice on purpose, then succeeds by its retry policy",
  retry: { limit: 4, delayMs: 1_000, factor: 2, jitter: 0.1 },
  run: ({ attempt, log }) => {
    if (attempt < goodAttempt) {
      log.warn(`the mirror is not ready at try ${attempt}`);
      return failed(`the mirror is not ready (try ${attempt} of ${goodAttempt})`);
    }
    log.info(`the mirror answered at try ${attempt}`);
    return { attempts: attempt };
  },
});
