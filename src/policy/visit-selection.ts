/**
 * Selection policies of the frontier, by name, and the paths on which the database looks for what
 * they choose.
 */

import type { Instant } from "../kernel/instant.ts";
import { coversDefaults, type VisitCooldowns } from "./visit-cooldown.ts";

/** The policies, by name. */
export const visitPolicies = [
  "oldest-scheduled-first",
  "never-visited-oldest-update-first",
  "already-visited-by-lag",
  "without-last-update",
  "stop-after-success",
  "first-visits-after-listing",
] as const;
/** One of them. */
export type VisitPolicy = (typeof visitPolicies)[number];

/**
 * Where candidates are looked for. `ready`: along the policy's order through what the default
 * cool-downs let go. `lister`: the same of one small lister, put in order. `all`: what is cooling
 * down as well. `disabled`: what is not enabled.
 */
export type SelectionPath = "ready" | "lister" | "all" | "disabled";

/** A path, and why none that is faster is exact. */
export interface PlannedPath {
  readonly path: SelectionPath;
  readonly reason: string;
}

/** What the path depends on. */
export interface PathQuestion {
  readonly cooldowns: VisitCooldowns;
  readonly enabled: boolean;
  /** The time of the choice, and that of the database. */
  readonly timestamp: Instant;
  readonly now: Instant;
  /**
   * Ready origins of the listers that are asked for, counted no further than needed. Null when all
   * are asked for, or the policy has a queue for each lister.
   */
  readonly readyOfListers: number | null;
}

/** Ready origins of a lister up to which putting them in order beats looking for them. */
export const smallListerMax = 10_000;

/** Chooses the fastest path that is exact. */
export function planPath(question: PathQuestion): PlannedPath {
  const { cooldowns, enabled, timestamp, now, readyOfListers } = question;
  if (!enabled) return { path: "disabled", reason: "disabled origins are in no queue" };
  if (!coversDefaults(cooldowns)) {
    return { path: "all", reason: "a cool-down is shorter than the default" };
  }
  if (timestamp > now) return { path: "all", reason: "the time of the choice is still to come" };
  if (readyOfListers !== null && readyOfListers <= smallListerMax) {
    return { path: "lister", reason: "the listers have few origins ready" };
  }
  return { path: "ready", reason: "the policy's queue holds every candidate" };
}
