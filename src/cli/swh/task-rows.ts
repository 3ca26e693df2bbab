/** Tasks as rows of a table of comma-separated values. */

import { taskPolicies, type NewTask, type TaskPolicy } from "../../compat/swh/records.ts";
import type { SwhScheduler } from "../../compat/swh/scheduler.ts";
import type { SwhJson, SwhJsonObject } from "../../compat/swh/values.ts";
import { noTags, readJson } from "../../compat/swh/wire/json-read.ts";
import { InvalidInputError, messageOf } from "../../kernel/errors.ts";
import { invalidField } from "../../kernel/fields.ts";
import type { Instant } from "../../kernel/instant.ts";
import { type CsvRow, csvRowsOf } from "./csv.ts";
import { parseDate } from "./date-text.ts";
import { isJsonList, isJsonObject } from "./json-shape.ts";
import { unknownTaskType } from "./task-types.ts";

/** What a column may hold. */
export const taskColumns = ["type", "args", "kwargs", "policy", "next_run"] as const;
/** One of them. */
export type TaskColumn = (typeof taskColumns)[number];

/** Where the rows are, and what stands in them. */
export interface TaskRows {
  readonly text: AsyncIterable<string>;
  readonly columns: readonly TaskColumn[];
  /** One letter. */
  readonly delimiter: string;
  readonly scheduler: SwhScheduler;
  /** The next run of rows that say none. */
  readonly now: Instant;
}

/**
 * Reads them all. A type may be told by its backend name.
 * @throws InvalidInputError `ORR_INPUT_*` that names the line and the column
 */
export async function readTaskRows(rows: TaskRows): Promise<readonly NewTask[]> {
  const { text, delimiter, scheduler } = rows;
  const types = await scheduler.getTaskTypes();
  const names = new Map([
    ...types.map(({ backendName, type }) => [backendName, type] as const),
    ...types.map(({ type }) => [type, type] as const),
  ]);
  const tasks: NewTask[] = [];
  for await (const row of csvRowsOf(text, delimiter)) tasks.push(taskOf(row, { ...rows, names }));
  return tasks;
}

function taskOf(
  { line, fields }: CsvRow,
  { columns, names, now }: TaskRows & { readonly names: ReadonlyMap<string, string> },
): NewTask {
  if (fields.length > columns.length) {
    const expected = `a row of ${columns.length} fields (${columns.join(", ")})`;
    throw invalidField(`line ${line}`, { expected, value: fields.join(",") });
  }
  const at = (column: TaskColumn): string => `line ${line}, ${column}`;
  const given = new Map(columns.map((column, index) => [column, fields[index]]));
  const type = names.get(given.get("type") ?? "");
  if (type === undefined) throw unknownTaskType(given.get("type") ?? "", `line ${line}: `);
  const policy = given.get("policy");
  const nextRun = given.get("next_run");
  return {
    type,
    arguments: {
      args: listOf({ text: given.get("args") ?? "[]", field: at("args") }),
      kwargs: objectOf({ text: given.get("kwargs") ?? "{}", field: at("kwargs") }),
    },
    policy: policy === undefined ? "recurring" : policyOf({ text: policy, field: at("policy") }),
    nextRun: nextRun === undefined ? now : parseDate(nextRun, { field: at("next_run"), now }),
  };
}

/** A field of a row, and its place. */
interface Cell {
  readonly text: string;
  readonly field: string;
}

function policyOf({ text, field }: Cell): TaskPolicy {
  const policy = taskPolicies.find((each) => each === text);
  if (policy !== undefined) return policy;
  throw invalidField(field, { expected: taskPolicies.join(" or "), value: text });
}

function listOf({ text, field }: Cell): readonly SwhJson[] {
  const value = jsonOf({ text, field });
  if (isJsonList(value)) return value;
  throw invalidField(field, { expected: "a list in JSON", value: text });
}

function objectOf({ text, field }: Cell): SwhJsonObject {
  const value = jsonOf({ text, field });
  if (isJsonObject(value)) return value;
  throw invalidField(field, { expected: "an object in JSON", value: text });
}

function jsonOf({ text, field }: Cell): SwhJson {
  try {
    // Without tags everything that is read is JSON.
    return readJson(text, noTags) as SwhJson;
  } catch (error) {
    throw new InvalidInputError(
      "ORR_INPUT_JSON",
      `${field} is not valid JSON: ${messageOf(error)}`,
      {
        details: { field, value: text },
        cause: error,
      },
    );
  }
}
