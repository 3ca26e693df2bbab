/** Records as rows and fields for people; one place per record, shared by its commands. */

import type {
  LogRecord,
  RunDetailRecord,
  RunRecord,
  TaskDetailRecord,
  TaskRecord,
  TaskTypeRecord,
  TokenRecord,
  TriggerRecord,
} from "../api/records.ts";
import { assertNever } from "../kernel/assert.ts";
import { millisBetween, parseInstant } from "../kernel/instant.ts";
import type { LogLevel } from "../model/run.ts";
import type { OutcomeKind } from "../model/outcome.ts";
import type { RunState, TaskState } from "../model/state-machine.ts";
import { firingPolicyDefault } from "../policy/firing-policy.ts";
import { describeDuration } from "./duration.ts";
import { jsonText } from "./screen.ts";
import type { Style } from "./terminal/styling.ts";
import type { Cell, Table } from "./terminal/table.ts";
import { cutTo, onOneLine, withoutControls } from "./terminal/text-width.ts";

/** A field of one record. */
export type Field = readonly [name: string, value: Cell];

/** A time for reading: UTC to the second, for example `2026-03-01 09:00:00Z`; a dash for none. */
export function timeText(instant: string | null): string {
  return instant === null ? "-" : `${instant.slice(0, 10)} ${instant.slice(11, 19)}Z`;
}

/** How long it took from one time to the other. */
export function elapsedText(span: {
  readonly from: string | null;
  readonly to: string | null;
}): string {
  if (span.from === null || span.to === null) return "-";
  return describeDuration(
    Math.max(millisBetween(parseInstant(span.from), parseInstant(span.to)), 0),
  );
}

/** A state in its colour. */
export function stateCell(state: RunState | TaskState): Cell {
  return { text: state, style: stateStyle(state) };
}

function stateStyle(state: RunState | TaskState): Style {
  switch (state) {
    case "succeeded":
    case "completed":
      return "good";
    case "running":
    case "active":
      return "busy";
    case "failed":
    case "disabled":
      return "bad";
    case "paused":
    case "blocked":
      return "warning";
    case "queued":
      return "plain";
    case "cancelled":
      return "dim";
    default:
      return assertNever(state);
  }
}

/** An outcome in its colour; a dash while there is none. */
export function outcomeCell(outcome: OutcomeKind | null): Cell {
  return outcome === null ? "-" : { text: outcome, style: outcomeStyle(outcome) };
}

/** What an outcome means to the reader. */
export function outcomeStyle(outcome: OutcomeKind): Style {
  switch (outcome) {
    case "eventful":
    case "uneventful":
      return "good";
    case "failed":
    case "permfailed":
    case "lost":
      return "bad";
    case "snoozed":
      return "warning";
    case "cancelled":
      return "dim";
    default:
      return assertNever(outcome);
  }
}

/** The look of a log line's level. */
export const levelStyles: Readonly<Record<LogLevel, Style>> = {
  debug: "dim",
  info: "plain",
  warn: "warning",
  error: "bad",
};

/** A log line; what others wrote is made harmless, and stays on its lines. */
export function logText(line: LogRecord, paint: (style: Style, text: string) => string): string {
  const data = line.data === null ? "" : ` ${paint("dim", jsonText(line.data))}`;
  const time = paint("dim", line.at.slice(11, 23));
  const level = paint(levelStyles[line.level], line.level.padEnd(5));
  return `${time} ${level} ${withoutControls(line.message)}${data}`;
}

/** Tasks as a table. */
export function taskTable(tasks: readonly TaskRecord[]): Table {
  return {
    columns: [
      { title: "ID", align: "right" },
      { title: "TYPE", flexible: true },
      { title: "NAME", flexible: true },
      { title: "KEY", flexible: true },
      { title: "STATE" },
      { title: "LAST" },
      { title: "UPDATED" },
    ],
    rows: tasks.map((task) => [
      String(task.id),
      task.type,
      task.name === task.type ? "" : task.name,
      task.key ?? "",
      stateCell(task.state),
      outcomeCell(task.lastOutcome),
      timeText(task.updatedAt),
    ]),
  };
}

/** One task in full. */
export function taskFields(task: TaskDetailRecord): readonly Field[] {
  return [
    ["id", String(task.id)],
    ["type", task.type],
    ["name", task.name],
    ["key", task.key ?? "-"],
    ["state", stateCell(task.state)],
    ...(task.stateReason === null ? [] : [["reason", task.stateReason] as const]),
    ["last outcome", outcomeCell(task.lastOutcome)],
    ["parent", task.parentId === null ? "-" : `${task.parentId} (root ${task.rootId})`],
    ["input", jsonText(task.input)],
    ["priority", task.priority],
    ["concurrency key", task.concurrencyKey ?? "-"],
    ...task.triggers.map((trigger): Field => ["trigger", triggerText(trigger)]),
    ...task.requires.map((edge): Field => [
      "requires",
      `task ${edge.taskId}, ${edge.satisfiedAt === null ? "not yet done" : "done"}` +
        ` (${edge.reason}; on failure ${edge.onFailure})`,
    ]),
    ["created", timeText(task.createdAt)],
    ["updated", timeText(task.updatedAt)],
    ["finished", timeText(task.finishedAt)],
  ];
}

function triggerText(trigger: TriggerRecord): string {
  const { pausedAt, nextFireAt } = trigger;
  const next =
    pausedAt === null ? `next ${timeText(nextFireAt)}` : `paused since ${timeText(pausedAt)}`;
  const firing = firingText(trigger);
  return `${ruleText(trigger)}; ${next}${firing === "" ? "" : `; ${firing}`}`;
}

/** The rule of a trigger in words, with the present interval of an adaptive one. */
export function ruleText({ description, intervalMs }: TriggerRecord): string {
  return intervalMs === null
    ? description
    : `${description}, now every ${describeDuration(intervalMs)}`;
}

/** How a trigger fires, as far as that is not what it does by default. */
export function firingText(trigger: TriggerRecord): string {
  const { misfireGraceMs, coalesce, maxInstances, overlap } = trigger;
  const usual = firingPolicyDefault;
  return [
    ...(misfireGraceMs === null ? [] : [`misfire grace ${describeDuration(misfireGraceMs)}`]),
    ...(coalesce === usual.coalesce ? [] : [`coalesce ${coalesce}`]),
    ...(maxInstances === usual.maxInstances ? [] : [`max instances ${maxInstances}`]),
    ...(overlap === usual.overlap ? [] : [`overlap ${overlap}`]),
  ].join(", ");
}

/** Runs as a table. */
export function runTable(runs: readonly RunRecord[]): Table {
  return {
    columns: [
      { title: "ID", align: "right" },
      { title: "TYPE", flexible: true },
      { title: "TASK", align: "right" },
      { title: "STATE" },
      { title: "OUTCOME" },
      { title: "TRY", align: "right" },
      { title: "DUE" },
      { title: "TOOK", align: "right" },
      { title: "REMARK", flexible: true },
    ],
    rows: runs.map((run) => [
      String(run.id),
      run.type,
      run.taskId === null ? "" : String(run.taskId),
      stateCell(run.state),
      outcomeCell(run.outcome),
      String(run.attempt),
      timeText(run.dueAt),
      elapsedText({ from: run.claimedAt, to: run.finishedAt }),
      remarkOf(run),
    ]),
  };
}

/** Cells of a remark at most; `run show` has the whole. */
const remarkWidthMax = 120;

/** The one thing to know about a run besides its state. */
function remarkOf(run: RunRecord): string {
  return cutTo(onOneLine(wholeRemarkOf(run)), remarkWidthMax);
}

function wholeRemarkOf(run: RunRecord): string {
  if (run.error !== null) return run.error.message;
  if (run.state === "running" && run.progress !== null) {
    const { fraction, message } = run.progress;
    return `${fraction === null ? "" : `${Math.floor(fraction * 100)}% `}${message ?? ""}`;
  }
  if (run.state === "blocked") return `waits for ${run.pendingCount} task(s)`;
  return jsonText(run.output);
}

/** One run in full. */
export function runFields(run: RunDetailRecord): readonly Field[] {
  return [
    ["id", String(run.id)],
    ["type", run.type],
    ["task", run.taskId === null ? "-" : String(run.taskId)],
    ["state", stateCell(run.state)],
    ["outcome", outcomeCell(run.outcome)],
    ["input", jsonText(run.input)],
    ["output", jsonText(run.output)],
    ...(run.error === null
      ? []
      : [["error", { text: `${run.error.message} (${run.error.code})`, style: "bad" }] as const]),
    ...progressField(run),
    ["priority", run.priority],
    ["concurrency key", run.concurrencyKey ?? "-"],
    ["fired for", timeText(run.fireAt)],
    ["due", timeText(run.dueAt)],
    ["created", timeText(run.createdAt)],
    ["finished", timeText(run.finishedAt)],
  ];
}

/** How far a run is, or what it waits for; nothing for others. */
function progressField(run: RunRecord): readonly Field[] {
  const remark = remarkOf({ ...run, error: null, output: null });
  return remark === "" ? [] : [["progress", remark]];
}

/** The tries of a run as a table. */
export function attemptTable(run: RunDetailRecord): Table {
  return {
    columns: [
      { title: "TRY", align: "right" },
      { title: "OUTCOME" },
      { title: "WORKER", align: "right" },
      { title: "STARTED" },
      { title: "TOOK", align: "right" },
      { title: "RESULT", flexible: true },
    ],
    rows: run.attempts.map((attempt) => [
      String(attempt.attempt),
      outcomeCell(attempt.outcome),
      attempt.workerId === null ? "" : String(attempt.workerId),
      timeText(attempt.startedAt),
      elapsedText({ from: attempt.startedAt, to: attempt.finishedAt }),
      cutTo(onOneLine(attempt.error?.message ?? jsonText(attempt.output)), remarkWidthMax),
    ]),
  };
}

/** Task types as a table. */
export function typeTable(types: readonly TaskTypeRecord[]): Table {
  return {
    columns: [
      { title: "NAME" },
      { title: "EXECUTOR" },
      { title: "STATE" },
      { title: "RETRIES", align: "right" },
      { title: "TIME-OUT", align: "right" },
      { title: "DESCRIPTION", flexible: true },
    ],
    rows: types.map((type) => [
      type.name,
      type.executor,
      pausedCell(type.pausedAt),
      String(type.retry.limit),
      type.timeoutMs === null ? "-" : describeDuration(type.timeoutMs),
      type.description,
    ]),
  };
}

/** Whether something is paused, and since when. */
export function pausedCell(pausedAt: string | null): Cell {
  return pausedAt === null
    ? { text: "active", style: "busy" }
    : { text: `paused since ${timeText(pausedAt)}`, style: "warning" };
}

/** One task type in full. */
export function typeFields(type: TaskTypeRecord): readonly Field[] {
  const { interval, retry, limits } = type;
  const bound = (limit: number | null): string => (limit === null ? "no bound" : String(limit));
  return [
    ["name", type.name],
    ["description", type.description === "" ? "-" : type.description],
    ["executor", type.executor],
    ["state", pausedCell(type.pausedAt)],
    [
      "interval",
      `${describeDuration(interval.minMs)} to ${describeDuration(interval.maxMs)},` +
        ` starts at ${describeDuration(interval.defaultMs)}, factor ${interval.factor}`,
    ],
    [
      "retries",
      `${retry.limit}, after ${describeDuration(retry.delayMs)}, factor ${retry.factor},` +
        ` at most ${describeDuration(retry.delayMsMax)}, jitter ${retry.jitter}`,
    ],
    ["time-out", type.timeoutMs === null ? "none" : describeDuration(type.timeoutMs)],
    ["grace", describeDuration(type.graceMs)],
    [
      "limits",
      `running ${bound(limits.runningMax)}, per key ${bound(limits.runningPerKeyMax)},` +
        ` unfinished ${bound(limits.unfinishedMax)}`,
    ],
    ["retention", type.retentionClass],
    ["input schema", jsonText(type.inputSchema) || "-"],
    ["created", timeText(type.createdAt)],
  ];
}

/** Tokens as a table; secrets are nowhere. */
export function tokenTable(tokens: readonly TokenRecord[]): Table {
  return {
    columns: [
      { title: "ID", align: "right" },
      { title: "NAME", flexible: true },
      { title: "ROLE" },
      { title: "CREATED" },
      { title: "EXPIRES" },
      { title: "LAST USED" },
      { title: "REVOKED" },
    ],
    rows: tokens.map((token) => [
      String(token.id),
      token.name,
      token.role,
      timeText(token.createdAt),
      timeText(token.expiresAt),
      timeText(token.lastUsedAt),
      timeText(token.revokedAt),
    ]),
  };
}
