/** A run of a graph as lines of a log, for a pipe or a file. */

import type { GraphEvent } from "../../graph/graph-event.ts";
import { nameOf } from "../../graph/graph.ts";
import { assertNever } from "../../kernel/assert.ts";
import { messageOf } from "../../kernel/errors.ts";
import { describeDuration } from "../duration.ts";
import { onOneLine } from "../terminal/text-width.ts";

/** A node that tells more often how far it has come is heard once in so many milliseconds. */
const progressEveryMs = 1_000;

/** Turns events into lines; undefined for what is told too often. */
export function createRunLog(): (event: GraphEvent<unknown>) => string | undefined {
  const heardMs = new Map<unknown, number>();
  return (event) => {
    if (event.kind === "progress") {
      const last = heardMs.get(event.node);
      if (last !== undefined && event.atMs - last < progressEveryMs) return undefined;
      heardMs.set(event.node, event.atMs);
    }
    const subject = "node" in event ? nameOf(event.node) : undefined;
    return logLine({ atMs: event.atMs, node: subject, text: textOf(event) });
  };
}

/** A line: when, of which node, what. */
export function logLine(told: {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly node: string | undefined;
  readonly text: string;
}): string {
  const time = `${(told.atMs / 1_000).toFixed(3)} s`.padStart(11);
  const subject = told.node === undefined ? "" : `${onOneLine(told.node)}: `;
  return `${time}  ${subject}${told.text}`;
}

function textOf(event: GraphEvent<unknown>): string {
  switch (event.kind) {
    case "run-started":
      return `${event.nodeCount} nodes`;
    case "run-stopping":
      return `stopping: ${reasonText(event.reason)}`;
    case "run-finished":
      return event.state;
    case "started":
      return event.attempt === 1 ? "started" : `started, try ${event.attempt}`;
    case "progress":
      return [percentOf(event.fraction), event.message ?? ""]
        .filter((part) => part !== "")
        .join(" ");
    case "retrying":
      return `failed, again in ${describeDuration(event.delayMs)}: ${reasonText(event.error)}`;
    case "timed-out":
      return `out of time after ${describeDuration(event.timeoutMs)}, asked to stop`;
    case "succeeded":
      return `succeeded in ${describeDuration(event.durationMs)}`;
    case "failed":
      return `failed after ${describeDuration(event.durationMs)}: ${reasonText(event.error)}`;
    case "cancelled":
      return event.wasStarted ? "cancelled while it ran" : "cancelled before it started";
    case "abandoned":
      return `given up after ${describeDuration(event.durationMs)}: ${reasonText(event.reason)}`;
    default:
      return assertNever(event);
  }
}

function percentOf(fraction: number | null): string {
  return fraction === null ? "" : `${Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)}%`;
}

function reasonText(reason: unknown): string {
  return onOneLine(messageOf(reason));
}
