/** How the worker of this process works: what may be said, what is meant otherwise, the checks. */

import { ifPresent, invalidField, readFields, readNumber } from "../kernel/fields.ts";
import { type PerPriority, priorities, slotSharesDefault } from "../policy/slot-shares.ts";

/** How the worker of this process works; all of it may be left out. */
export interface WorkerOptions {
  /**
   * Runs that are executed at one time, 1 to 1000. More help when runs wait for something, fewer
   * when they compute.
   * @defaultValue 10
   */
  readonly slotCount?: number;
  /**
   * Milliseconds that running work gets to end when the scheduler is closed, 0 to one day. What
   * has not ended by then is taken up by another worker.
   * @defaultValue 10000
   */
  readonly drainMs?: number;
  /**
   * Milliseconds without a sign of life after which this worker's runs go to others, 1000 to an
   * hour. Shorter finds a dead worker sooner, longer spares one that computes without a pause.
   * @defaultValue 7000
   */
  readonly leaseMs?: number;
  /**
   * Milliseconds between looks at the queue when no hint comes, 10 to a minute. Hints usually
   * come at once; this bounds the wait when one gets lost.
   * @defaultValue 1000
   */
  readonly pollMs?: number;
  /**
   * Parts of contended slots by priority, each 0 to 1; a level without any is served last.
   * @defaultValue high 0.5, normal 0.3, low 0.2
   */
  readonly shares?: Partial<PerPriority>;
}

/** What absent options mean; durations in milliseconds. */
export const workerDefaults: Required<WorkerOptions> & { readonly shares: PerPriority } =
  Object.freeze({
    slotCount: 10,
    drainMs: 10_000,
    leaseMs: 7_000,
    pollMs: 1_000,
    shares: slotSharesDefault,
  });

/** The options with everything filled in. */
export type ResolvedWorkerOptions = typeof workerDefaults;

const bounds = {
  slotCount: { min: 1, max: 1_000, whole: true },
  drainMs: { min: 0, max: 86_400_000 },
  leaseMs: { min: 1_000, max: 3_600_000 },
  pollMs: { min: 10, max: 60_000 },
} as const;

/**
 * Checks worker options and fills in defaults.
 * @throws InvalidInputError `ORR_INPUT_INVALID` naming the field, as in `worker.slotCount`
 */
export function readWorkerOptions(value: unknown): ResolvedWorkerOptions {
  const given = readFields(value, "worker", Object.keys(workerDefaults));
  const read = (name: keyof typeof bounds): number =>
    ifPresent(given[name], (each) =>
      readNumber(each, { field: `worker.${name}`, ...bounds[name] }),
    ) ?? workerDefaults[name];
  return Object.freeze({
    slotCount: read("slotCount"),
    drainMs: read("drainMs"),
    leaseMs: read("leaseMs"),
    pollMs: read("pollMs"),
    shares: ifPresent(given["shares"], readShares) ?? workerDefaults.shares,
  });
}

function readShares(value: unknown): PerPriority {
  const given = readFields(value, "worker.shares", priorities);
  const share = (level: keyof PerPriority): number =>
    ifPresent(given[level], (each) =>
      readNumber(each, { field: `worker.shares.${level}`, min: 0, max: 1 }),
    ) ?? slotSharesDefault[level];
  const shares = { high: share("high"), normal: share("normal"), low: share("low") };
  if (shares.high + shares.normal + shares.low > 0) return shares;
  throw invalidField("worker.shares", { expected: "above 0 for one level at least", value });
}
