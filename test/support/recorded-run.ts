/** A run of a graph on a manual clock, with everything that it told, as short lines. */

import type { GraphEvent } from "../../src/graph/graph-event.ts";
import { type Edge, nameOf } from "../../src/graph/graph.ts";
import { messageOf } from "../../src/kernel/errors.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import { runOnClock } from "../../src/testing/run-on-clock.ts";

/** What runs get, and what came of it. */
export interface Recorder {
  readonly clock: ManualClock;
  readonly onEvent: (event: GraphEvent<unknown>) => void;
  /** One line for each event, such as `30 a succeeded 20`. */
  readonly lines: string[];
  /** Moves the clock until the work is done; what it fails with is the answer. */
  readonly outcome: (work: PromiseLike<unknown>) => Promise<unknown>;
}

/** A fresh clock and an empty record. */
export function recorder(): Recorder {
  const clock = createManualClock();
  const lines: string[] = [];
  return {
    clock,
    lines,
    onEvent: (event) => void lines.push(lineOf(event)),
    outcome: (work) =>
      runOnClock(
        clock,
        work.then(
          (value) => value,
          (error: unknown) => error,
        ),
      ),
  };
}

/** Edges of nodes that require nothing. */
export function loneNodes(...nodes: readonly string[]): readonly Edge<string>[] {
  return nodes.map((node) => [node, null]);
}

/** The work of a node that takes no notice of being asked to stop. */
export function deaf(clock: ManualClock, ms: number): Promise<string> {
  return new Promise((resolve) => void clock.schedule(ms, () => resolve("late")));
}

function lineOf(event: GraphEvent<unknown>): string {
  const subject = "node" in event ? `${nameOf(event.node)} ` : "";
  return `${event.atMs} ${subject}${event.kind} ${detailOf(event)}`.trimEnd();
}

function detailOf(event: GraphEvent<unknown>): string | number {
  switch (event.kind) {
    case "run-started":
      return event.nodeCount;
    case "run-stopping":
      return messageOf(event.reason);
    case "run-finished":
      return event.state;
    case "started":
      return event.attempt;
    case "progress":
      return `${event.fraction} ${event.message}`;
    case "retrying":
      return `${event.attempt} in ${event.delayMs}: ${messageOf(event.error)}`;
    case "timed-out":
      return event.timeoutMs;
    case "succeeded":
      return event.durationMs;
    case "failed":
      return `${event.durationMs}: ${messageOf(event.error)}`;
    case "cancelled":
      return event.wasStarted ? "running" : "waiting";
    case "abandoned":
      return `${event.durationMs}: ${messageOf(event.reason)}`;
    default:
      return "";
  }
}
