/** What the shell is told by the commands below `orrery swh`: 0, 1 and 2, as by the reference. */

import { SchedulerException, SwhFault } from "../../compat/swh/errors.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";

/** 2 for a line that is wrong, 1 for all that went wrong with one that is right. */
export function swhExitCodeOf(thrown: unknown): number {
  // These are answers of the scheduler, whatever their code says.
  if (thrown instanceof SchedulerException || thrown instanceof SwhFault) return exitCodes.failure;
  return exitCodeOf(thrown) === exitCodes.usage ? exitCodes.usage : exitCodes.failure;
}
