/**
 * Malformed requests about triggers. Whoever uses them stores one task of the type `plain` first,
 * with one trigger: task 1 and trigger 1.
 */

import type { OperationId } from "../../src/api/routes.ts";
import { type BadRequest, type Fault, fault, invalid, typeNames } from "./bad-request.ts";

/** The task that must be there; nothing of it may change. */
export const storedTask = {
  type: typeNames.plain,
  triggers: [{ kind: "interval", everyMs: 3_600_000, anchorAt: "2100-01-01T00:00:00Z" }],
} as const;

const rule = { kind: "interval", everyMs: 60_000 };
const daily = { kind: "cron", dialect: "vixie", expression: "0 3 * * *", zone: "UTC" };

/** Values that the fields of how a trigger fires must not have, wherever they stand. */
const wrongValues: readonly (readonly [field: string, value: unknown, message: string])[] = [
  ["misfireGraceMs", -1, "a number from 0 to 31536000000"],
  ["misfireGraceMs", 31_536_000_001, "a number from 0 to 31536000000"],
  ["misfireGraceMs", "5m", "a number from 0"],
  ["coalesce", "newest", "one of earliest, latest, all"],
  ["coalesce", null, "one of earliest, latest, all"],
  ["maxInstances", 0, "a whole number from 1 to 10000"],
  ["maxInstances", 1.5, "a whole number from 1 to 10000"],
  ["maxInstances", 10_001, "a whole number from 1 to 10000"],
  ["maxInstances", null, "a whole number from 1 to 10000"],
  ["overlap", "stack", "one of skip, queue-one, queue-all, cancel-running, allow"],
  ["overlap", 1, "one of skip, queue-one"],
  ["nextFireAt", "soon", "RFC 3339"],
  ["nextFireAt", "2030-01-01T00:00:00", "RFC 3339"],
  ["nextFireAt", "2030-02-30T00:00:00Z", "RFC 3339"],
  ["nextFireAt", 1_900_000_000, "nextFireAt must be"],
];

interface Place {
  readonly operation: OperationId;
  readonly params?: BadRequest["params"];
  readonly bodyOf: (fields: object) => unknown;
  /** The path to the fields. */
  readonly prefix: string;
}

const places: readonly Place[] = [
  {
    operation: "createTask",
    bodyOf: (fields) => ({ type: typeNames.plain, triggers: [rule, { ...rule, ...fields }] }),
    prefix: "triggers[1].",
  },
  {
    operation: "addTrigger",
    params: { taskId: 1 },
    bodyOf: (fields) => ({ ...rule, ...fields }),
    prefix: "",
  },
  {
    operation: "updateTrigger",
    params: { id: 1 },
    bodyOf: (fields) => fields,
    prefix: "",
  },
];

const valueRows = places.flatMap(({ operation, params, bodyOf, prefix }) =>
  wrongValues.map(([field, value, message]): BadRequest => ({
    title: `${operation} with ${field} ${JSON.stringify(value)}`,
    operation,
    ...(params === undefined ? {} : { params }),
    body: bodyOf({ [field]: value }),
    ...invalid(`${prefix}${field}`, message),
  })),
);

/** Rows about rules, in the bodies of `addTrigger` and, under `spec`, of `updateTrigger`. */
const ruleRows: readonly (readonly [title: string, rule: unknown, fault: Fault])[] = [
  ["without kind", { everyMs: 5 }, invalid("kind", "a text that is not empty")],
  ["of no kind", { kind: "lunar" }, fault("ORR_INPUT_TRIGGER", "kind", "lunar")],
  ["with a field that is not its own", { ...rule, at: 1 }, fault("ORR_INPUT_TRIGGER", "at", "at")],
  ["in a zone that is nowhere", { ...daily, zone: "X/Y" }, fault("ORR_INPUT_ZONE", "zone", "X/Y")],
  [
    "that never fires again",
    { ...rule, endAt: "2001-01-01T00:00:00Z" },
    fault("ORR_INPUT_TRIGGER", "", "never fires after"),
  ],
];

const otherRows: readonly BadRequest[] = [
  {
    title: "an adaptive trigger with an overlap policy",
    operation: "createTask",
    body: { type: typeNames.plain, triggers: [{ kind: "adaptive", overlap: "skip" }] },
    ...invalid("triggers[0].overlap", "must be absent"),
  },
  {
    title: "a list of tasks with a wrong trigger in the middle",
    operation: "createTasks",
    body: {
      tasks: [{ type: typeNames.plain }, { ...storedTask, triggers: [{ ...rule, overlap: "x" }] }],
    },
    ...invalid("tasks[1].triggers[0].overlap", "one of skip"),
  },
  {
    title: "a trigger to be added that is a text",
    operation: "addTrigger",
    params: { taskId: 1 },
    body: "daily",
    ...invalid("", "must be an object"),
  },
  {
    title: "a trigger for a task that nobody has",
    operation: "addTrigger",
    params: { taskId: 999_999 },
    body: rule,
    ...fault("ORR_NOT_FOUND_TASK", "taskId", "999999"),
  },
  {
    title: "a trigger for a task id that is a word",
    operation: "addTrigger",
    params: { taskId: "first" },
    body: rule,
    ...invalid("taskId", "taskId must be a"),
  },
  {
    title: "a change of a field that is not known",
    operation: "updateTrigger",
    params: { id: 1 },
    body: { rule: daily },
    ...invalid("rule", "not a known field"),
  },
  {
    title: "a change with a rule that is a text",
    operation: "updateTrigger",
    params: { id: 1 },
    body: { spec: "daily" },
    ...invalid("spec", "must be an object"),
  },
  {
    title: "a change with a rule that is null",
    operation: "updateTrigger",
    params: { id: 1 },
    body: { spec: null },
    ...invalid("spec", "must be an object"),
  },
  {
    title: "a change from a calendar rule to an adaptive one",
    operation: "updateTrigger",
    params: { id: 1 },
    body: { spec: { kind: "adaptive" } },
    ...invalid("spec.kind", "a calendar rule"),
  },
  {
    title: "a trigger that nobody has",
    operation: "getTrigger",
    params: { id: 999_999 },
    ...fault("ORR_NOT_FOUND_TRIGGER", "id", "999999"),
  },
  {
    title: "a trigger id that is half a number",
    operation: "pauseTrigger",
    params: { id: 1.5 },
    body: {},
    ...invalid("id", "id must be a"),
  },
  {
    title: "a trigger to be resumed that nobody has",
    operation: "resumeTrigger",
    params: { id: 999_999 },
    body: {},
    ...fault("ORR_NOT_FOUND_TRIGGER", "id", "999999"),
  },
  {
    title: "a trigger to be removed that nobody has",
    operation: "removeTrigger",
    params: { id: 999_999 },
    ...fault("ORR_NOT_FOUND_TRIGGER", "id", "999999"),
  },
  {
    title: "occurrences before a time without offset",
    operation: "listOccurrences",
    params: { id: 1 },
    query: { before: "2030-01-01T00:00:00" },
    ...invalid("before", "RFC 3339"),
  },
  {
    title: "occurrences in pages of nothing",
    operation: "listOccurrences",
    params: { id: 1 },
    query: { limit: 0 },
    ...invalid("limit", "from 1 to 1000"),
  },
];

/** All rows. */
export const badTriggerRequests: readonly BadRequest[] = [
  ...valueRows,
  ...ruleRows.map(([title, body, wrong]): BadRequest => ({
    title: `a trigger to be added ${title}`,
    operation: "addTrigger",
    params: { taskId: 1 },
    body,
    ...wrong,
  })),
  ...ruleRows.map(([title, spec, wrong]): BadRequest => ({
    title: `a change to a rule ${title}`,
    operation: "updateTrigger",
    params: { id: 1 },
    body: { spec },
    ...wrong,
    field: wrong.field === "" ? "spec" : `spec.${wrong.field}`,
  })),
  ...otherRows,
];
