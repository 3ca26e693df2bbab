/** `orrery/testing`: what tests of tasks and of code that waits on time need. */

export { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
export { runOnClock } from "../testing/run-on-clock.ts";
export {
  openStepped,
  SteppedScheduler,
  type SteppedOptions,
  type StepOptions,
} from "../testing/stepped.ts";
export type { Clock } from "../kernel/clock.ts";
export type { Instant } from "../kernel/instant.ts";
