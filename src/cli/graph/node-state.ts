/** How a node of a stored graph stands, in the words that trees and pictures share. Pure. */

import type { GraphNodeRecord } from "../../api/graph-records.ts";
import { assertNever } from "../../kernel/assert.ts";
import type { RunState, TaskState } from "../../model/state-machine.ts";
import type { BoardState } from "./run-board.ts";

/** As tables show it: of a node that has not ended its run tells more than its task. */
export function shownStateOf({
  state,
  runState,
  finishedAt,
}: GraphNodeRecord): TaskState | RunState {
  return finishedAt === null ? (runState ?? state) : state;
}

/** As trees show it: a node that was tried and is queued again rests between two tries. */
export function boardStateOf(node: GraphNodeRecord): BoardState {
  const isResting = node.runState === "queued" && (node.runAttempt ?? 0) > 0;
  return plainStateOf(node) ?? (isResting ? "resting" : "waiting");
}

/** Of a node that runs or has ended; undefined of one that is still to run. */
export function plainStateOf({
  state,
  runState,
}: GraphNodeRecord): "running" | "succeeded" | "failed" | "cancelled" | undefined {
  switch (state) {
    case "completed":
      return "succeeded";
    case "failed":
    case "disabled":
      return "failed";
    case "cancelled":
      return "cancelled";
    case "active":
    case "paused":
      return runState === "running" ? "running" : undefined;
    default:
      return assertNever(state);
  }
}
