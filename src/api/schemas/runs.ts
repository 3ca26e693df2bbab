/** Schemas of runs, their attempts, log lines and events. */

import { Type } from "typebox";
import type { LogLevel } from "../../model/run.ts";
import type { RunState } from "../../model/state-machine.ts";
import type {
  AttemptRecord,
  LogRecord,
  Page,
  ProgressRecord,
  RunDetailRecord,
  RunEventRecord,
  RunRecord,
} from "../records.ts";
import type {
  FollowLogsQuery,
  FollowRunsQuery,
  ListLogsQuery,
  ListRunsQuery,
  LogPage,
  WaitQuery,
} from "../wire.ts";
import { waitMsDefault, waitMsMax } from "../routes.ts";
import { pageCursor, pageLimit, pageOf } from "./pages.ts";
import {
  count,
  cursorLengthMax,
  id,
  instant,
  json,
  jsonObject,
  keysOf,
  list,
  name,
  nullable,
  oneOfAll,
  outcomeSchema,
  prioritySchema,
  runErrorSchema,
  text,
} from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

const runStates: Readonly<Record<RunState, true>> = {
  blocked: true,
  queued: true,
  paused: true,
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
};

/** Where a run is in its life. */
export const runStateSchema: SchemaOf<RunState> = oneOfAll(runStates, "The last three are final.");

const levelSchema: SchemaOf<LogLevel> = oneOfAll<LogLevel>(
  { debug: true, info: true, warn: true, error: true },
  "How much it matters.",
);

/** How far a run says it has come. */
export const progressRecordSchema: SchemaOf<ProgressRecord> = schemaOf<ProgressRecord>()(
  Type.Object(
    {
      fraction: nullable(
        Type.Number({ description: "Null when the end is not known.", minimum: 0, maximum: 1 }),
      ),
      message: nullable(text("What it is doing.")),
      updatedAt: instant("When it said so."),
    },
    {
      title: "ProgressRecord",
      description: "How far a running handler says it has come.",
      additionalProperties: false,
    },
  ),
);

const attemptProperties = {
  attempt: count("Counted from 1."),
  outcome: outcomeSchema,
  workerId: nullable(id("Who ran it.")),
  fence: nullable(id("The fencing token of its claim.")),
  startedAt: instant("When it was claimed."),
  finishedAt: instant("When its end was recorded."),
  output: json("What the handler answered."),
  error: nullable(runErrorSchema),
};

/** One try of a run. */
export const attemptRecordSchema: SchemaOf<AttemptRecord> = schemaOf<AttemptRecord>()(
  Type.Object(attemptProperties, {
    title: "AttemptRecord",
    description: "One try of a run.",
    additionalProperties: false,
  }),
);

const runProperties = {
  id: id("Names the run."),
  type: text("Name of the task type."),
  taskId: nullable(id("The task that it belongs to; null for a run put on the queue by itself.")),
  triggerId: nullable(id("The trigger that fired it.")),
  state: runStateSchema,
  outcome: nullable(outcomeSchema),
  input: json("What the handler is given."),
  output: json("What the handler answered; null until it ends."),
  error: nullable(runErrorSchema),
  priority: prioritySchema,
  concurrencyKey: nullable(text("Counts against the type's `runningPerKeyMax`.")),
  fireAt: nullable(instant("The instant that the trigger yielded.")),
  dueAt: instant("The earliest start."),
  createdAt: instant("When it was put on the queue."),
  claimedAt: nullable(instant("When its present or last attempt was claimed.")),
  leaseExpiresAt: nullable(instant("Until when its worker holds it.")),
  finishedAt: nullable(instant("When it ended; null while it lives.")),
  attempt: count("Attempts begun so far."),
  failureCount: count("Attempts that failed."),
  lostCount: count("Attempts whose worker died."),
  workerId: nullable(id("Who holds it.")),
  fence: nullable(id("The fencing token of its last claim.")),
  cancelRequestedAt: nullable(instant("When somebody asked for it to stop.")),
  pendingCount: count("How many required tasks it still waits for."),
  progress: nullable(progressRecordSchema),
};

/** A run in a list. */
export const runRecordSchema: SchemaOf<RunRecord> = schemaOf<RunRecord>()(
  Type.Object(runProperties, {
    title: "RunRecord",
    description: "An occurrence taken up for execution.",
    additionalProperties: false,
  }),
);

/** A run with its tries. */
export const runDetailRecordSchema: SchemaOf<RunDetailRecord> = schemaOf<RunDetailRecord>()(
  Type.Object(
    { ...runProperties, attempts: list(attemptRecordSchema, "Its tries, oldest first.") },
    {
      title: "RunDetailRecord",
      description: "A run with its tries.",
      additionalProperties: false,
    },
  ),
);

/** A page of runs. */
export const runPageSchema: SchemaOf<Page<RunRecord>> = pageOf(runRecordSchema, "RunPage");

/** A line of a log. */
export const logRecordSchema: SchemaOf<LogRecord> = schemaOf<LogRecord>()(
  Type.Object(
    {
      runId: id("The run."),
      attempt: count("The attempt, counted from 1."),
      seq: count("The line within the attempt, counted from 1."),
      at: instant("When it was written."),
      level: levelSchema,
      message: text("The line."),
      data: nullable(jsonObject("Facts that came with it.")),
    },
    { title: "LogRecord", description: "A line of a run's log.", additionalProperties: false },
  ),
);

/** Lines of a log. */
export const logPageSchema: SchemaOf<LogPage> = schemaOf<LogPage>()(
  Type.Object(
    {
      items: list(logRecordSchema, "Oldest first."),
      nextAfter: nullable(text("Hand it in as `after` for what follows.")),
    },
    { title: "LogPage", description: "Lines of a log, oldest first.", additionalProperties: false },
  ),
);

/** An attempt that ended. */
export const runEventRecordSchema: SchemaOf<RunEventRecord> = schemaOf<RunEventRecord>()(
  Type.Object(
    {
      ...attemptProperties,
      runId: id("The run."),
      type: text("Name of the task type."),
      taskId: nullable(id("The task that the run belongs to.")),
      graphId: nullable(id("The graph that this task is a node of.")),
      node: nullable(text("Name of that node.")),
      final: Type.Boolean({ description: "Whether the run has ended with it." }),
    },
    {
      title: "RunEventRecord",
      description: "An attempt that ended.",
      additionalProperties: false,
    },
  ),
);

/** Which runs to list. */
export const listRunsQuerySchema: SchemaOf<ListRunsQuery> = schemaOf<ListRunsQuery>()(
  Type.Object(
    {
      type: Type.Optional(name("Only runs of this type.")),
      state: Type.Optional(
        Type.Array(runStateSchema, {
          description: "Only runs in one of these states.",
          minItems: 1,
          maxItems: keysOf(runStates).length,
        }),
      ),
      taskId: Type.Optional(id("Only runs of this task.")),
      cursor: pageCursor,
      limit: pageLimit(50),
    },
    { title: "ListRunsQuery", description: "Which runs to list.", additionalProperties: false },
  ),
);

const afterLine = Type.Optional(
  Type.String({
    description: "`attempt.seq` of the last line seen, as in `1.42`.",
    minLength: 1,
    maxLength: cursorLengthMax,
  }),
);

/** Which lines of a log. */
export const listLogsQuerySchema: SchemaOf<ListLogsQuery> = schemaOf<ListLogsQuery>()(
  Type.Object(
    { after: afterLine, limit: pageLimit(200) },
    { title: "ListLogsQuery", description: "Which lines of a log.", additionalProperties: false },
  ),
);

/** How long to wait for a run. */
export const waitQuerySchema: SchemaOf<WaitQuery> = schemaOf<WaitQuery>()(
  Type.Object(
    {
      timeoutMs: Type.Optional(
        Type.Integer({
          description: `The longest wait; ${waitMsDefault} by default.`,
          minimum: 0,
          maximum: waitMsMax,
        }),
      ),
    },
    { title: "WaitQuery", description: "How long to wait for a run.", additionalProperties: false },
  ),
);

/** Which run events to follow. */
export const followRunsQuerySchema: SchemaOf<FollowRunsQuery> = schemaOf<FollowRunsQuery>()(
  Type.Object(
    {
      type: Type.Optional(name("Only runs of this type.")),
      taskId: Type.Optional(id("Only runs of this task.")),
      graphId: Type.Optional(id("Only runs of nodes of this graph.")),
      after: Type.Optional(
        Type.String({
          description:
            "`runId.attempt` of the last event seen, as in `7.1`: what ended since then comes " +
            "first. Without it the stream begins now.",
          minLength: 1,
          maxLength: cursorLengthMax,
        }),
      ),
    },
    { title: "FollowRunsQuery", description: "Which run events.", additionalProperties: false },
  ),
);

/** After which line to follow a log. */
export const followLogsQuerySchema: SchemaOf<FollowLogsQuery> = schemaOf<FollowLogsQuery>()(
  Type.Object(
    { after: afterLine },
    {
      title: "FollowLogsQuery",
      description: "After which line to follow a log.",
      additionalProperties: false,
    },
  ),
);
