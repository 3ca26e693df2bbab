/** A due trigger, and what becomes of the occurrences that it has yielded. */

import type { TaskId, TaskTypeId, TriggerId } from "../kernel/ids.ts";
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
  /** Runs of this trigger that have not ended. */
  readonly liveRunCount: number;
  /** Unfinished runs that the type's queue still takes; null means no bound. */
  readonly queueRoom: number | null;
  /** The database's clock when the trigger was locked. */
  readonly now: Instant;
}

/** What is decided of one due trigger. */
export interface FiringDecision {
  readonly triggerId: TriggerId;
  readonly occurrences: readonly OccurrenceDecision[];
  /** Where the trigger goes next; null when it is done or waits for its run. */
  readonly nextFireAt: Instant | null;
}

/** What is decided of one occurrence: unique by trigger and fire time. */
export interface OccurrenceDecision {
  readonly fireAt: Instant;
  readonly verdict: OccurrenceVerdict;
  /** Why, where the verdict does not say it all. */
  readonly reason: string | null;
}

/** `fired` has a run; `coalesced` was made one with a later one; `skipped` has none. */
export type OccurrenceVerdict = "fired" | "coalesced" | "skipped";
