/** What the engine does, as a journal tells it. */

import type { EngineEvent } from "../../engine/events.ts";
import { assertNever } from "../../kernel/assert.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { Outcome } from "../../model/outcome.ts";
import { describeDuration } from "../duration.ts";
import { outcomeStyle } from "../presentation.ts";
import { jsonText } from "../screen.ts";
import { cutTo } from "../terminal/text-width.ts";
import type { Entry } from "./journal.ts";

/** Cells that an output or error message takes at most in a line. */
const resultWidthMax = 100;

/** The entry of an event. */
export function engineEntry(event: EngineEvent): Entry {
  switch (event.kind) {
    case "run_started":
    case "run_ended":
    case "run_requeued":
    case "run_dropped":
      return runEntry(event);
    case "worker_started":
      return plain(event.kind, `worker ${event.workerId} takes runs`, { workerId: event.workerId });
    case "worker_stopped":
      return {
        ...plain(event.kind, `worker ${event.workerId} has stopped`, { workerId: event.workerId }),
        ...(event.abandoned === 0
          ? {}
          : {
              level: "warn" as const,
              message: `worker ${event.workerId} has stopped and left ${event.abandoned} run(s)`,
            }),
      };
    case "fired":
      return { ...plain(event.kind, `${event.count} trigger(s) fired`, {}), level: "debug" };
    case "worker_lost":
      return warning(event.kind, `worker ${event.workerId} gives no sign of life`, {
        workerId: event.workerId,
      });
    case "reaped":
      return warning(event.kind, `took back ${event.runIds.length} run(s) of a dead worker`, {
        workerId: event.workerId,
        runIds: event.runIds,
      });
    case "pruned":
      return {
        ...plain(event.kind, `dropped ${event.dropped.length} partition(s) of history`, {
          added: event.added,
          dropped: event.dropped,
          tasks: event.tasks,
        }),
        // Partitions are made ahead every day; only what is gone is worth a line.
        level: event.dropped.length + event.tasks > 0 ? "info" : "debug",
      };
    case "counted":
      return {
        ...plain(event.kind, `added up ${event.changes} change(s) of the frontier`, {
          changes: event.changes,
        }),
        level: "debug",
      };
    case "loop_failed":
      return warning(event.kind, `the ${event.loop} loop failed: ${messageOf(event.error)}`, {
        loop: event.loop,
        error: messageOf(event.error),
      });
    default:
      return assertNever(event);
  }
}

type RunEvent = Extract<EngineEvent, { readonly kind: `run_${string}` }>;

function runEntry(event: RunEvent): Entry {
  const attempt = event.attempt > 1 ? ` (try ${event.attempt})` : "";
  const name = `${event.typeName} #${event.runId}${attempt}`;
  const facts = {
    runId: event.runId,
    taskId: event.taskId,
    type: event.typeName,
    attempt: event.attempt,
  };
  switch (event.kind) {
    case "run_started":
      return { ...plain(event.kind, `${name} started`, facts), level: "debug" };
    case "run_dropped":
      return warning(event.kind, `${name}: its lease was lost, its result is dropped`, facts);
    case "run_ended":
    case "run_requeued": {
      const again =
        event.kind === "run_ended" ? "" : `, again in ${describeDuration(event.delayMs)}`;
      const result = cutTo(resultText(event.outcome), resultWidthMax);
      return {
        level: levelOf(event),
        event: event.kind,
        style: outcomeStyle(event.outcome.kind),
        message:
          `${name} ${event.outcome.kind} in ${describeDuration(event.durationMs)}${again}` +
          (result === "" ? "" : `  ${result}`),
        fields: {
          ...facts,
          outcome: event.outcome.kind,
          durationMs: Math.round(event.durationMs),
          ...(event.kind === "run_ended" ? {} : { delayMs: Math.round(event.delayMs) }),
          ...("error" in event.outcome
            ? { error: { code: event.outcome.error.code, message: event.outcome.error.message } }
            : {}),
        },
      };
    }
    default:
      return assertNever(event);
  }
}

/** The output or the error; outputs stay with the run, so that logs stay small. */
function resultText(outcome: Outcome): string {
  if ("error" in outcome) return outcome.error.message;
  if ("output" in outcome) return jsonText(outcome.output);
  return outcome.kind === "cancelled" ? outcome.reason : "";
}

/** A try that will be repeated is worth a warning, an end without success an error. */
function levelOf(event: Extract<RunEvent, { readonly outcome: Outcome }>): Entry["level"] {
  if (!("error" in event.outcome)) return "info";
  return event.kind === "run_ended" ? "error" : "warn";
}

function plain(event: EngineEvent["kind"], message: string, fields: JsonObject): Entry {
  return { level: "info", event, message, fields };
}

function warning(event: EngineEvent["kind"], message: string, fields: JsonObject): Entry {
  return { level: "warn", event, message, fields };
}
