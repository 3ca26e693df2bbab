/** What is asked of every library: the expressions, the zone, and where the walks begin. */

/** A zone whose clock changes twice a year. */
export const zone = "America/New_York";

/** 2027-01-01 00:00 in the zone; a fixed start, so that each run of the bench asks the same. */
export const startMs: number = Date.UTC(2027, 0, 1, 5);

/** A year from the start, with both of its clock changes. */
export const yearEndMs: number = Date.UTC(2028, 0, 1, 5);

/** Where the loops over minutes begin: in summer, days away from any clock change. */
export const summerStartMs: number = Date.UTC(2027, 5, 1, 4);

/**
 * Five fields that all three libraries read alike: steps, lists, ranges, weekdays, days of the
 * month, from every minute to once a year. 29 February is left out: one peer takes a tenth of a
 * second for it, which would drown the others in any sum.
 */
export const mixedExpressions: readonly string[] = [
  "* * * * *",
  "*/5 * * * *",
  "0 * * * *",
  "30 2 * * *",
  "0 9 * * 1-5",
  "15 10 1 * *",
  "0 0 1 1 *",
  "5 4 * * 0",
  "*/15 8-18 * * 1-5",
  "0 0 1,15 * *",
  "0 12 * 6-8 *",
  "17 3 13 * 5",
];
