/** Runs as a journal tells them. */

import type { RunEventRecord } from "../../api/records.ts";
import { millisBetween, parseInstant } from "../../kernel/instant.ts";
import { describeDuration } from "../duration.ts";
import { outcomeStyle } from "../presentation.ts";
import { jsonText } from "../screen.ts";
import { cutTo } from "../terminal/text-width.ts";
import type { Entry } from "./journal.ts";

/** Cells that an output or error message takes at most in a line. */
const resultWidthMax = 100;

/** An attempt that has ended. */
export function endedEntry(event: RunEventRecord): Entry {
  const tookMs = Math.max(
    millisBetween(parseInstant(event.startedAt), parseInstant(event.finishedAt)),
    0,
  );
  const again = event.final ? "" : ", will run again";
  const attempt = event.attempt > 1 ? ` (try ${event.attempt})` : "";
  const result = cutTo(event.error?.message ?? jsonText(event.output), resultWidthMax);
  return {
    level: levelOf(event),
    event: "run.ended",
    style: outcomeStyle(event.outcome),
    message:
      `${event.type} #${event.runId}${attempt} ${event.outcome}` +
      ` in ${describeDuration(tookMs)}${again}${result === "" ? "" : `  ${result}`}`,
    fields: {
      runId: event.runId,
      taskId: event.taskId,
      type: event.type,
      attempt: event.attempt,
      outcome: event.outcome,
      final: event.final,
      tookMs,
      output: event.output,
      ...(event.error === null
        ? {}
        : { error: { code: event.error.code, message: event.error.message } }),
    },
  };
}

/** A try that will be repeated is worth a warning, an end without success an error. */
function levelOf(event: RunEventRecord): Entry["level"] {
  if (event.error === null) return "info";
  return event.final ? "error" : "warn";
}
