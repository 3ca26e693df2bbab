/** How a node of a stored graph stands, in the words that trees and pictures share. Pure. */

import type { GraphNodeRecord } from "../../api/graph-records.ts";
import { assertNever } from "../../kernel/assert.ts";

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
