/** How much work a run of the bench does. */

/** Counts of jobs, unless they say otherwise. */
export interface Amount {
  readonly rounds: number;
  readonly batchSize: number;
  /** Drained at once, and added in batches before. */
  readonly drainCount: number;
  /** Added one by one. */
  readonly singleCount: number;
  /** Added far apart. */
  readonly latencyCount: number;
  /** Recurring tasks that are due at once. */
  readonly recurringCount: number;
  /** Fillings and drainings under an old snapshot. */
  readonly pinnedRounds: number;
  readonly pinnedCount: number;
  readonly soakMinutes: number;
  /** Milliseconds of what counts as a minute; less only to see whether it works. */
  readonly soakMinuteMs: number;
  readonly soakPerSecond: number;
  /** Waiting in all. */
  readonly backlogCount: number;
  /** Drained of a backlog. */
  readonly backlogDrainCount: number;
  /** Spread over the task types. */
  readonly typesCount: number;
}

/** What is recorded. */
export const fullAmount: Amount = {
  rounds: 5,
  batchSize: 500,
  drainCount: 50_000,
  singleCount: 8_000,
  latencyCount: 200,
  recurringCount: 20_000,
  pinnedRounds: 10,
  pinnedCount: 20_000,
  soakMinutes: 30,
  soakMinuteMs: 60_000,
  soakPerSecond: 5_000,
  backlogCount: 1_000_000,
  backlogDrainCount: 50_000,
  typesCount: 20_000,
};

/** Just enough to see that everything still works. */
export const quickAmount: Amount = {
  rounds: 1,
  batchSize: 100,
  drainCount: 400,
  singleCount: 40,
  latencyCount: 10,
  recurringCount: 100,
  pinnedRounds: 2,
  pinnedCount: 100,
  soakMinutes: 2,
  soakMinuteMs: 250,
  soakPerSecond: 200,
  backlogCount: 1_000,
  backlogDrainCount: 200,
  typesCount: 200,
};

/** A share of a count, in whole jobs. */
export function shareOf(count: number, share: number): number {
  return Math.max(Math.round(count * share), 1);
}
