/**
 * Malformed requests: what is sent, and the code, the field and a part of the message that come
 * back. The service is tested with the table directly, the server through its routes.
 */

import { encodeCursor } from "../../src/service/page.ts";
import { type BadRequest, type Fault, fault, invalid, tooLarge, typeNames } from "./bad-request.ts";
import { badFrontierRequests } from "./bad-frontier-requests.ts";
import { badGraphRequests } from "./bad-graph-requests.ts";
import { badTriggerRequests } from "./bad-trigger-requests.ts";

const plain = { type: typeNames.plain };
const letters201 = "x".repeat(201);
const retry = { limit: 1, delayMs: 1, factor: 1, delayMsMax: 1, jitter: 0 };
const cron = { kind: "cron", dialect: "vixie", zone: "UTC" };

/** Rows about the body of `createTask`. */
const taskRows: readonly (readonly [title: string, body: unknown, fault: Fault])[] = [
  ["a task that is a list", [], invalid("", "must be an object")],
  ["a task without type", {}, invalid("type", "must be a text")],
  ["a task with an empty type", { type: "" }, invalid("type", "must be a text")],
  ["a type that is a number", { type: 7 }, invalid("type", "must be a text")],
  ["a type that is null", { type: null }, invalid("type", "must be a text")],
  ["a type of too many letters", { type: letters201 }, tooLarge("type", "at most 200")],
  ["an unknown type", { type: "nothing" }, fault("ORR_NOT_FOUND_TASK_TYPE", "type", "nothing")],
  ["a type misspelled", { type: "plian" }, fault("ORR_NOT_FOUND_TASK_TYPE", "type", '"plain"?')],
  ["a field misspelled", { ...plain, priorty: "high" }, invalid("priorty", '"priority"?')],
  ["a field that is not known", { ...plain, colour: 1 }, invalid("colour", "not a known field")],
  ["a name that is empty", { ...plain, name: "" }, invalid("name", "must be a text")],
  ["a name of too many letters", { ...plain, name: letters201 }, tooLarge("name", "at most 200")],
  ["a name with NUL", { ...plain, name: "a\0b" }, invalid("name", "NUL")],
  ["a key of too many letters", { ...plain, key: letters201 }, tooLarge("key", "at most 200")],
  ["a key that is a number", { ...plain, key: 5 }, invalid("key", "must be a text")],
  [
    "a concurrency key of too many letters",
    { ...plain, concurrencyKey: letters201 },
    tooLarge("concurrencyKey", "at most 200"),
  ],
  [
    "a priority that is none",
    { ...plain, priority: "urgent" },
    invalid("priority", "one of high, normal, low"),
  ],
  ["a priority that is a number", { ...plain, priority: 1 }, invalid("priority", "one of high")],
  ["an input with NUL", { ...plain, input: { a: ["\0"] } }, invalid("input.a[0]", "NUL")],
  ["an input key with NUL", { ...plain, input: { "a\0": 1 } }, invalid("input", "NUL")],
  [
    "an input with half a letter",
    { ...plain, input: { a: "\ud800" } },
    invalid("input.a", "surrogates"),
  ],
  [
    "an input of too many bytes",
    { ...plain, input: "x".repeat(262_143) },
    tooLarge("input", "262144 bytes"),
  ],
  [
    "an input too deep",
    { ...plain, input: nested(101) },
    invalid(`input${"[0]".repeat(100)}`, "deep"),
  ],
  [
    "an input without a field that its schema wants",
    { type: typeNames.mail, input: {} },
    fault("ORR_INPUT_ARGUMENTS", "input.to", "input.to: "),
  ],
  [
    "an input with a field of the wrong type",
    { type: typeNames.mail, input: { to: "a@example.org", copies: 1.5 } },
    fault("ORR_INPUT_ARGUMENTS", "input.copies", "input.copies: "),
  ],
  [
    "no input where the schema wants one",
    { type: typeNames.mail },
    fault("ORR_INPUT_ARGUMENTS", "input.to", "input.to: "),
  ],
  [
    "a due time without offset",
    { ...plain, dueAt: "2026-03-01T09:00:00" },
    invalid("dueAt", "RFC 3339"),
  ],
  [
    "a due time that is no date",
    { ...plain, dueAt: "2026-02-30T09:00:00Z" },
    invalid("dueAt", "RFC 3339"),
  ],
  ["a negative delay", { ...plain, delayMs: -1 }, invalid("delayMs", "from 0 to")],
  ["a delay of eleven years", { ...plain, delayMs: 347e9 }, invalid("delayMs", "from 0 to")],
  ["a delay as text", { ...plain, delayMs: "1h" }, invalid("delayMs", "must be a number")],
  [
    "both a due time and a delay",
    { ...plain, dueAt: "2030-01-01T00:00:00Z", delayMs: 5 },
    invalid("delayMs", "absent where dueAt is given"),
  ],
  [
    "both triggers and a due time",
    { ...plain, triggers: [{ kind: "adaptive" }], dueAt: "2030-01-01T00:00:00Z" },
    invalid("dueAt", "absent where triggers is given"),
  ],
  [
    "both triggers and a delay",
    { ...plain, triggers: [{ kind: "adaptive" }], delayMs: 0 },
    invalid("delayMs", "absent where triggers is given"),
  ],
  [
    "both triggers and requirements",
    { ...plain, triggers: [{ kind: "adaptive" }], requires: [{ taskId: 1 }] },
    invalid("requires", "absent where triggers is given"),
  ],
  ["overrides that are a text", { ...plain, overrides: "none" }, invalid("overrides", "an object")],
  [
    "a time-out of no time",
    { ...plain, overrides: { timeoutMs: 0 } },
    invalid("overrides.timeoutMs", "from 1 to"),
  ],
  [
    "a retry policy with a jitter of nothing",
    { ...plain, overrides: { retry: { jitter: null } } },
    invalid("overrides.retry.jitter", "must be a number"),
  ],
  [
    "a negative number of retries",
    { ...plain, overrides: { retry: { ...retry, limit: -1 } } },
    invalid("overrides.retry.limit", "a whole number from 0"),
  ],
  [
    "a factor that shortens retries",
    { ...plain, overrides: { retry: { ...retry, factor: 0.5 } } },
    invalid("overrides.retry.factor", "from 1 to"),
  ],
  [
    "a policy that is not known",
    { ...plain, overrides: { graceMs: 5 } },
    invalid("overrides.graceMs", "not a known field"),
  ],
  ["a parent that is no id", { ...plain, parentId: 1.5 }, invalid("parentId", "whole number")],
  ["a parent below one", { ...plain, parentId: 0 }, invalid("parentId", "whole number")],
  [
    "a parent that nobody is",
    { ...plain, parentId: 999_999 },
    fault("ORR_NOT_FOUND_TASK", "parentId", "999999"),
  ],
  [
    "a parent key that nobody has",
    { ...plain, parentKey: "nobody" },
    fault("ORR_NOT_FOUND_TASK", "parentKey", '"nobody"'),
  ],
  [
    "a parent named twice",
    { ...plain, parentId: 1, parentKey: "a" },
    invalid("parentKey", "absent where parentId is given"),
  ],
  ["requirements that are no list", { ...plain, requires: {} }, invalid("requires", "an array")],
  [
    "a requirement that names nothing",
    { ...plain, requires: [{ onFailure: "block" }] },
    invalid("requires[0]", "either a taskId or a key"),
  ],
  [
    "a requirement that names two",
    { ...plain, requires: [{ taskId: 1, key: "a" }] },
    invalid("requires[0]", "either a taskId or a key"),
  ],
  [
    "a requirement with an unknown rule",
    { ...plain, requires: [{ taskId: 1, onFailure: "ignore" }] },
    invalid("requires[0].onFailure", "one of block, cancel"),
  ],
  [
    "a requirement that nobody is",
    { ...plain, requires: [{ taskId: 999_999 }] },
    fault("ORR_NOT_FOUND_TASK", "requires[0].taskId", "999999"),
  ],
  [
    "a task that requires itself",
    { ...plain, key: "self", requires: [{ key: "self" }] },
    fault("ORR_INPUT_CYCLE", "requires", "self → self"),
  ],
  [
    "too many requirements",
    { ...plain, requires: Array.from({ length: 1_001 }, () => ({ taskId: 1 })) },
    tooLarge("requires", "at most 1000 items"),
  ],
  [
    "too many triggers",
    { ...plain, triggers: Array.from({ length: 101 }, () => ({ kind: "adaptive" })) },
    tooLarge("triggers", "at most 100 items"),
  ],
  [
    "a trigger of no kind",
    { ...plain, triggers: [{ kind: "weekly" }] },
    fault("ORR_INPUT_TRIGGER", "triggers[0].kind", "triggers[0]"),
  ],
  [
    "two adaptive triggers",
    { ...plain, triggers: [{ kind: "adaptive" }, { kind: "adaptive" }] },
    fault("ORR_INPUT_TRIGGER", "triggers[1]", "the only adaptive trigger"),
  ],
  [
    "a cron line with a minute too many",
    { ...plain, triggers: [{ ...cron, expression: "60 * * * *" }] },
    fault("ORR_INPUT_TRIGGER", "triggers[0].minute", "60"),
  ],
  [
    "a zone that is nowhere",
    { ...plain, triggers: [{ ...cron, expression: "0 3 * * *", zone: "Mars/Olympus" }] },
    fault("ORR_INPUT_ZONE", "triggers[0].zone", "Mars/Olympus"),
  ],
  [
    "an interval of no time",
    { ...plain, triggers: [{ kind: "interval", everyMs: 0 }] },
    fault("ORR_INPUT_TRIGGER", "triggers[0].everyMs", "triggers[0]"),
  ],
  [
    "a rule that has ended",
    {
      ...plain,
      triggers: [{ kind: "interval", everyMs: 1_000, endAt: "2001-01-01T00:00:00Z" }],
    },
    fault("ORR_INPUT_TRIGGER", "triggers[0]", "never fires after"),
  ],
  [
    "a queue without room",
    { type: typeNames.full },
    // A full queue is nobody's field; the type is in the details.
    fault("ORR_CONFLICT_QUEUE_FULL", "", "takes 0 unfinished runs"),
  ],
];

/** Rows about anything else. */
const otherRows: readonly BadRequest[] = [
  {
    title: "tasks that are no list",
    operation: "createTasks",
    body: { tasks: { type: typeNames.plain } },
    ...invalid("tasks", "an array"),
  },
  {
    title: "a list with a wrong task in the middle",
    operation: "createTasks",
    body: { tasks: [plain, plain, { ...plain, priority: "max" }, plain] },
    ...invalid("tasks[2].priority", "one of high"),
  },
  {
    title: "a list with a wrong input in the middle",
    operation: "createTasks",
    body: { tasks: [plain, { type: typeNames.mail, input: { to: 5 } }] },
    ...fault("ORR_INPUT_ARGUMENTS", "tasks[1].input.to", "tasks[1].input.to: "),
  },
  {
    title: "a key twice in one list",
    operation: "createTasks",
    body: {
      tasks: [
        { ...plain, key: "a" },
        { ...plain, key: "a" },
      ],
    },
    ...invalid("tasks[1].key", "unlike tasks[0].key"),
  },
  {
    title: "tasks that wait for each other",
    operation: "createTasks",
    body: {
      tasks: [
        { ...plain, key: "a", requires: [{ key: "b" }] },
        { ...plain, key: "b", requires: [{ key: "c" }] },
        { ...plain, key: "c", parentKey: "a" },
      ],
    },
    ...fault("ORR_INPUT_CYCLE", "tasks[0].requires", "a → b → c → a"),
  },
  {
    title: "too many tasks",
    operation: "createTasks",
    body: { tasks: Array.from({ length: 10_001 }, () => plain) },
    ...tooLarge("tasks", "at most 10000 items"),
  },
  {
    title: "a run with a key",
    operation: "enqueue",
    body: { runs: [{ ...plain, key: "a" }] },
    ...invalid("runs[0].key", "not a known field"),
  },
  {
    title: "a run of an unknown type",
    operation: "enqueue",
    body: { runs: [plain, { type: "nothing" }] },
    ...fault("ORR_NOT_FOUND_TASK_TYPE", "runs[1].type", "nothing"),
  },
  {
    title: "a run with a wrong due time",
    operation: "enqueue",
    body: { runs: [{ ...plain, dueAt: "tomorrow" }] },
    ...invalid("runs[0].dueAt", "RFC 3339"),
  },
  {
    title: "a task id that is a word",
    operation: "getTask",
    params: { id: "first" },
    ...invalid("id", "id must be a"),
  },
  {
    title: "a task id that is negative",
    operation: "getTask",
    params: { id: -1 },
    ...invalid("id", "id must be a"),
  },
  {
    title: "a task that nobody has",
    operation: "cancelTask",
    params: { id: 999_999 },
    body: {},
    ...fault("ORR_NOT_FOUND_TASK", "id", "999999"),
  },
  {
    title: "a run that nobody has",
    operation: "getRun",
    params: { id: 999_999 },
    ...fault("ORR_NOT_FOUND_RUN", "id", "999999"),
  },
  {
    title: "a run id larger than any number",
    operation: "retryRun",
    params: { id: "99999999999999999999" },
    body: {},
    ...invalid("id", "id must be a"),
  },
  {
    title: "a log of a run that nobody has",
    operation: "listLogs",
    params: { id: 999_999 },
    ...fault("ORR_NOT_FOUND_RUN", "id", "999999"),
  },
  {
    title: "a place in a log that is none",
    operation: "listLogs",
    params: { id: 1 },
    query: { after: "first" },
    ...fault("ORR_INPUT_CURSOR", "after", "such as 1.42"),
  },
  {
    title: "a task type that nobody registered",
    operation: "pauseTaskType",
    params: { name: "plian" },
    body: {},
    ...fault("ORR_NOT_FOUND_TASK_TYPE", "name", '"plain"?'),
  },
  {
    title: "a page of no items",
    operation: "listTasks",
    query: { limit: 0 },
    ...invalid("limit", "from 1 to 1000"),
  },
  {
    title: "a page of too many items",
    operation: "listRuns",
    query: { limit: 1_001 },
    ...invalid("limit", "from 1 to 1000"),
  },
  {
    title: "a cursor of somebody else's",
    operation: "listTasks",
    query: { cursor: "bm90IG91cnM" },
    ...fault("ORR_INPUT_CURSOR", "cursor", "nextCursor"),
  },
  {
    title: "a cursor with a letter changed",
    operation: "listRuns",
    query: { cursor: `${encodeCursor(12_345).slice(0, -1)}!` },
    ...fault("ORR_INPUT_CURSOR", "cursor", "nextCursor"),
  },
  {
    title: "a state that no task has",
    operation: "listTasks",
    query: { state: ["asleep"] },
    ...invalid("state[0]", "one of active"),
  },
  {
    title: "a state that no run has",
    operation: "listRuns",
    query: { state: ["queued", "asleep"] },
    ...invalid("state[1]", "one of blocked"),
  },
  {
    title: "a filter by a task that cannot be",
    operation: "listRuns",
    query: { taskId: 0 },
    ...invalid("taskId", "taskId must be a"),
  },
  {
    title: "a reason of too many letters",
    operation: "cancelTask",
    params: { id: 1 },
    body: { reason: "x".repeat(1_001) },
    ...tooLarge("reason", "at most 1000"),
  },
  {
    title: "a token without name",
    operation: "createToken",
    body: { role: "admin" },
    ...invalid("name", "must be a text"),
  },
  {
    title: "a token with a role that is none",
    operation: "createToken",
    body: { name: "ci", role: "root" },
    ...invalid("role", "one of viewer, operator, admin"),
  },
  {
    title: "a token for half a day",
    operation: "createToken",
    body: { name: "ci", role: "viewer", expiresInDays: 0.5 },
    ...invalid("expiresInDays", "a whole number from 1"),
  },
  {
    title: "a token that nobody has",
    operation: "revokeToken",
    params: { id: 999_999 },
    ...fault("ORR_NOT_FOUND_TOKEN", "id", "999999"),
  },
  {
    title: "a forecast of more than a month",
    operation: "getForecast",
    query: { hours: 745 },
    ...invalid("hours", "from 1 to 744"),
  },
  {
    title: "a forecast from a time without offset",
    operation: "getForecast",
    query: { from: "2030-01-01T00:00:00" },
    ...invalid("from", "RFC 3339"),
  },
  {
    title: "a filter of events by a task that cannot be",
    operation: "followRuns",
    query: { taskId: "first" },
    ...invalid("taskId", "taskId must be a"),
  },
  {
    title: "events after a place that is none",
    operation: "followRuns",
    query: { after: "yesterday" },
    ...fault("ORR_INPUT_CURSOR", "after", "such as 7.1"),
  },
  {
    title: "events after a run that nobody has",
    operation: "followRuns",
    query: { after: "999999.1" },
    ...fault("ORR_NOT_FOUND_RUN", "id", "999999"),
  },
  {
    title: "a log followed after a place that is none",
    operation: "followLogs",
    params: { id: 1 },
    query: { after: "first" },
    ...fault("ORR_INPUT_CURSOR", "after", "such as 1.42"),
  },
];

/** All rows. */
export const badRequests: readonly BadRequest[] = [
  ...taskRows.map(([title, body, wrong]): BadRequest => ({
    title,
    operation: "createTask",
    body,
    ...wrong,
  })),
  ...otherRows,
  ...badTriggerRequests,
  ...badGraphRequests,
  ...badFrontierRequests,
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
