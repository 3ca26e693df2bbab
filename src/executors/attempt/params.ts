/**
 * The input of an attempt. The stored input is put through the definition's schema once more: the
 * handler gets what the schema makes of it, and a definition that changed since the input was
 * stored is found out before the handler runs.
 */

import { InvalidInputError } from "../../kernel/errors.ts";
import { fieldIn } from "../../kernel/fields.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { TaskDefinition } from "../../model/handler.ts";
import type { StandardIssue } from "../../model/standard-schema.ts";
import { keptText } from "./kept-text.ts";

/** Issues that the error lists; a wrong list of rows can have one for each row. */
const issueCountMax = 20;
const issueLettersMax = 500;

/**
 * The schema's output for `input`, or `input` itself where there is no schema.
 * @throws InvalidInputError `ORR_INPUT_ARGUMENTS` with the path of what no longer fits; what the
 * schema itself throws passes through
 */
export async function readParams(definition: TaskDefinition, input: JsonValue): Promise<unknown> {
  if (definition.schema === undefined) return input;
  const result = await definition.schema["~standard"].validate(input);
  if (result.issues === undefined) return result.value;
  throw misfitOf(definition.settings.name, result.issues);
}

function misfitOf(typeName: string, found: readonly StandardIssue[]): InvalidInputError {
  const issues = found.slice(0, issueCountMax).map(describedIssue);
  const first = issues[0] ?? { field: "input", message: "the schema names no reason" };
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  return new InvalidInputError(
    "ORR_INPUT_ARGUMENTS",
    `the stored input no longer fits the schema of ${typeName}: ` +
      `${first.field}: ${first.message}${more}`,
    { details: { field: first.field, issues } },
  );
}

function describedIssue(issue: StandardIssue): JsonObject & IssueRecord {
  const field = (issue.path ?? []).reduce<string>((path, step) => {
    const key = typeof step === "object" ? step.key : step;
    return fieldIn(path, typeof key === "symbol" ? String(key) : key);
  }, "input");
  return {
    field: keptText(field, issueLettersMax),
    message: keptText(issue.message, issueLettersMax),
  };
}

interface IssueRecord {
  readonly field: string;
  readonly message: string;
}
