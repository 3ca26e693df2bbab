/** A due trigger, and what becomes of the occurrences that it has yielded. */

import type { RunId, TaskId, TaskTypeId, TriggerId } from "../kernel/ids.ts";
import type { FiringPolicy } from "../policy/firing-policy.ts";
import type { Instant } from "../kernel/instant.ts";
import type { TaskTriggerSpec } from "./task.ts";

/** A trigger whose next fire time has come, with what is needed to decide. */
export interface DueTrigger {
  readonly id: TriggerId;
  readonly taskId: TaskId;
  readonly typeId: TaskTypeId;
  readonly spec: TaskTriggerSpec;
  readonly nextFireAt: Instant;
  readonly previousFireAt: Instant | null;
  readonly intervalMs: number | null;
  readonly policy: FiringPolicy;
  /** Runs of this trigger that have not ended. */
  readonly liveRunCount: number;
  /** Those of them that wait for another one to end. */
  readonly waitingRunCount: number;
  /** Unfinished runs that the type's queue still takes; null means no bound. */
  readonly queueRoom: number | null;
  /** The database's clock when the trigger was locked. */
  readonly now: Instant;
}

/** Due triggers that were locked. */
export interface TakenTriggers {
  readonly found: number;
  /** How many of them have fired: adaptive ones that no live run and no bound stand against. */
  readonly fired: number;
  /** The others. */
  readonly undecided: readonly DueTrigger[];
}

/** What is decided of one due trigger. */
export interface FiringDecision {
  readonly triggerId: TriggerId;
  readonly taskId: TaskId;
  readonly occurrences: readonly OccurrenceDecision[];
  /** Where the trigger goes next; null when it is done or waits for its run. */
  readonly nextFireAt: Instant | null;
  /** How many of the trigger's oldest runs are asked to stop. */
  readonly cancelCount: number;
}

/** What is decided of one occurrence: unique by trigger and fire time. */
export interface OccurrenceDecision {
  readonly fireAt: Instant;
  readonly verdict: OccurrenceVerdict;
  /** Why, where the verdict does not say it all. */
  readonly reason: string | null;
  /** Whether its run waits until another one of the trigger has ended. */
  readonly waits: boolean;
}

/**
 * `fired` has a run; `coalesced` was made one with another one; `missed` came later than its grace;
 * `skipped` was refused by a limit. One row may stand for several that had the same fate.
 */
export type OccurrenceVerdict = "fired" | "coalesced" | "missed" | "skipped";

/** All verdicts. */
export const occurrenceVerdicts: readonly OccurrenceVerdict[] = [
  "fired",
  "coalesced",
  "missed",
  "skipped",
];

/** What was decided of a fire time, as it is kept. */
export interface Occurrence {
  readonly triggerId: TriggerId;
  readonly fireAt: Instant;
  readonly verdict: OccurrenceVerdict;
  readonly reason: string | null;
  /** The run of a fired one. */
  readonly runId: RunId | null;
  readonly decidedAt: Instant;
}
