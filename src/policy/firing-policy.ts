/**
 * How a calendar trigger deals with fire times that come late and with runs that have not ended.
 * Pure: the database counts, this decides what the counts mean.
 */

/** Which of several fire times that have passed are run: the first, the last, or each. */
export type Coalesce = "earliest" | "latest" | "all";

/** All rules of coalescing. */
export const coalesceRules: readonly Coalesce[] = ["earliest", "latest", "all"];

/**
 * What happens to a fire time that comes while `maxInstances` runs of its trigger have not ended:
 * - `skip`: it has no run;
 * - `queue-one`: its run waits for one of them to end, unless another waits already;
 * - `queue-all`: its run waits, behind those that wait already;
 * - `cancel-running`: the oldest are asked to stop, and its run waits for them;
 * - `allow`: it runs beside them.
 */
export type OverlapPolicy = "skip" | "queue-one" | "queue-all" | "cancel-running" | "allow";

/** All overlap policies. */
export const overlapPolicies: readonly OverlapPolicy[] = [
  "skip",
  "queue-one",
  "queue-all",
  "cancel-running",
  "allow",
];

/** The options of one calendar trigger that decide on late and overlapping runs. */
export interface FiringPolicy {
  /**
   * Milliseconds by which a run may start after its fire time; later it is missed. Null for no
   * bound. Judged when the trigger fires, and again when a worker takes the run up.
   */
  readonly misfireGraceMs: number | null;
  readonly coalesce: Coalesce;
  /** Runs of the trigger that may be under way at one time; at least 1. */
  readonly maxInstances: number;
  readonly overlap: OverlapPolicy;
}

/** What a trigger does that says nothing: late runs are made up for, once, and never overlap. */
export const firingPolicyDefault: FiringPolicy = {
  misfireGraceMs: null,
  coalesce: "latest",
  maxInstances: 1,
  overlap: "skip",
};

/** Unfinished runs of one trigger, and how much room the queue of its type has. */
export interface InstanceCounts {
  /** All of them, those that wait for another one included. */
  readonly live: number;
  /** Those that wait for another one to end. */
  readonly waiting: number;
  /** Unfinished runs that the type's queue still takes; null means no bound. */
  readonly queueRoom: number | null;
}

/** What becomes of one fire time: it has a run, at once or after another one, or it has none. */
export type Admission =
  | { readonly kind: "starts" }
  | { readonly kind: "waits" }
  | { readonly kind: "refused"; readonly reason: string };

/** What becomes of fire times that come together, and how many of the oldest runs are to stop. */
export interface Admissions {
  readonly each: readonly Admission[];
  readonly cancelCount: number;
}

/**
 * Decides on `count` fire times of one trigger that come together, in their order. They are one
 * submission: whether it meets runs that have not ended is judged once, and those that find no free
 * instance in their own submission wait for it.
 */
export function admitFires(
  count: number,
  policy: Pick<FiringPolicy, "maxInstances" | "overlap">,
  counts: InstanceCounts,
): Admissions {
  const { maxInstances, overlap } = policy;
  const isOverlap = counts.live >= maxInstances && overlap !== "allow";
  const each: Admission[] = [];
  let { live, waiting } = counts;
  for (let place = 0; place < count; place += 1) {
    const admitted = live - counts.live;
    const queueRoom = counts.queueRoom === null ? null : counts.queueRoom - admitted;
    const admission = admit({ isOverlap, overlap, maxInstances }, { live, waiting, queueRoom });
    each.push(admission);
    if (admission.kind === "refused") continue;
    live += 1;
    if (admission.kind === "waits") waiting += 1;
  }
  const admittedCount = live - counts.live;
  const cancelCount =
    isOverlap && overlap === "cancel-running" && admittedCount > 0
      ? counts.live - maxInstances + Math.min(admittedCount, maxInstances)
      : 0;
  return { each, cancelCount };
}

function admit(
  rule: Pick<FiringPolicy, "maxInstances" | "overlap"> & { readonly isOverlap: boolean },
  { live, waiting, queueRoom }: InstanceCounts,
): Admission {
  if (queueRoom !== null && queueRoom <= 0) {
    return { kind: "refused", reason: "the queue of the task type is full" };
  }
  if (rule.overlap === "allow") return { kind: "starts" };
  if (rule.isOverlap && rule.overlap === "skip") {
    return { kind: "refused", reason: "an earlier run of this trigger has not ended" };
  }
  if (live < rule.maxInstances) return { kind: "starts" };
  if (rule.overlap === "queue-one" && waiting > 0) {
    return { kind: "refused", reason: "a run of this trigger waits already" };
  }
  return { kind: "waits" };
}
