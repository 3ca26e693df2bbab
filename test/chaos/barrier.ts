/** What the test and its processes agree on. */

/** The advisory lock at which processes wait for each other. */
export const barrierKey = 7_431;
