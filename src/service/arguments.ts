/** Checks a task's input with the schema of its definition, at enqueue and again before a run. */

import { InvalidInputError, messageOf } from "../kernel/errors.ts";
import { fieldIn, shownValue } from "../kernel/fields.ts";
import { isRecord, type JsonObject, type JsonValue } from "../kernel/json.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { StandardIssue, StandardResult } from "../model/standard-schema.ts";

/** Issues that one error lists. */
const issueCountMax = 20;
/** Letters of a schema's own message that are kept. */
const messageLettersMax = 500;

/** An input and where it stood in the request, for example `tasks[3].input`. */
export interface ArgumentCheck {
  readonly input: JsonValue;
  readonly field: string;
}

/**
 * What the schema makes of an input; the input itself where there is no schema.
 * @throws InvalidInputError `ORR_INPUT_ARGUMENTS` with the path of the first wrong field
 */
export async function checkedArguments<Params>(
  definition: TaskDefinition<unknown, unknown, Params> | undefined,
  { input, field }: ArgumentCheck,
): Promise<Params | JsonValue> {
  if (definition?.schema === undefined) return input;
  const result = await validated(definition.schema["~standard"].validate, { input, field });
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, issueCountMax).map((issue) => issueAt(issue, field));
  const [first] = issues;
  const place = first?.field ?? field;
  const message = first?.message ?? "the schema refuses it";
  throw new InvalidInputError("ORR_INPUT_ARGUMENTS", `${place}: ${message}`, {
    details: {
      field: place,
      value: shownValue(valueAt(input, result.issues[0])),
      issues: issues.map((issue): JsonObject => ({ ...issue })),
    },
  });
}

async function validated<Params>(
  validate: (value: unknown) => StandardResult<Params> | Promise<StandardResult<Params>>,
  { input, field }: ArgumentCheck,
): Promise<StandardResult<Params>> {
  try {
    return await validate(input);
  } catch (thrown) {
    throw new InvalidInputError(
      "ORR_INPUT_ARGUMENTS",
      `${field} cannot be checked: the schema threw: ${messageOf(thrown)}`,
      { details: { field, value: shownValue(input) }, cause: thrown },
    );
  }
}

interface IssueAt {
  readonly field: string;
  readonly message: string;
}

function issueAt(issue: StandardIssue, field: string): IssueAt {
  let place = field;
  for (const key of keysOf(issue)) {
    place = fieldIn(place, typeof key === "number" ? key : String(key));
  }
  return { field: place, message: issue.message.slice(0, messageLettersMax) };
}

function keysOf(issue: StandardIssue): readonly PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
}

function valueAt(input: JsonValue, issue: StandardIssue | undefined): unknown {
  let value: unknown = input;
  for (const key of issue === undefined ? [] : keysOf(issue)) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isRecord(value) && Object.hasOwn(value, key)) value = value[String(key)];
    else return undefined;
  }
  return value;
}
