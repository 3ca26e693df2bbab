/** How the pause between two runs of a recurring task follows what the runs find. */

/** The range within which an adaptive interval moves, in milliseconds. */
export interface IntervalPolicy {
  /** Where a new task starts. */
  readonly defaultMs: number;
  /** The shortest pause, reached by eventful runs. */
  readonly minMs: number;
  /** The longest pause, reached by uneventful runs. */
  readonly maxMs: number;
  /** Eventful divides by it, uneventful multiplies; 1 keeps the interval constant. */
  readonly factor: number;
}

/** What a task type gets that names no intervals. */
export const intervalPolicyDefault: IntervalPolicy = {
  defaultMs: 3_600_000,
  minMs: 60_000,
  maxMs: 604_800_000,
  factor: 2,
};

/** What a run found, as far as the interval is concerned. */
export type Finding = "eventful" | "uneventful" | "unknown";

/**
 * The pause after a run, in milliseconds: shorter when it found something, longer when not, the
 * same when it failed and so found out nothing. Always within the policy's bounds.
 */
export function nextIntervalMs(
  policy: IntervalPolicy,
  { currentMs, finding }: { readonly currentMs: number; readonly finding: Finding },
): number {
  const moved =
    finding === "eventful"
      ? currentMs / policy.factor
      : finding === "uneventful"
        ? currentMs * policy.factor
        : currentMs;
  return Math.min(Math.max(moved, policy.minMs), policy.maxMs);
}
