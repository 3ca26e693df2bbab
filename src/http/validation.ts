/**
 * Between the texts of HTTP and the schemas: queries and paths are read by the types that their
 * schema names, bodies are never coerced, and what the validator refuses is told in the words in
 * which the service tells it.
 */

import { errorCodes } from "../kernel/error-codes.ts";
import { InvalidInputError, type OrreryError } from "../kernel/errors.ts";
import { fieldIn, invalidField, readFields, shownValue } from "../kernel/fields.ts";
import { isRecord } from "../kernel/json.ts";

/** Parameters of one query; more are an attack or a mistake. */
const queryParametersMax = 100;
/** Letters of a body that an error repeats. */
const parserMessageMax = 200;

/** One thing that the validator refused, in verbose form. */
export interface Refusal {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
  readonly data?: unknown;
  readonly parentSchema?: unknown;
}

/** The query as texts; a name that comes twice has a list. */
export function parseQuery(text: string): Record<string, string | string[]> {
  const entries = [...new URLSearchParams(text)].slice(0, queryParametersMax);
  const byName = new Map<string, string[]>();
  for (const [name, value] of entries) byName.set(name, [...(byName.get(name) ?? []), value]);
  return Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  );
}

/** Texts of a query or a path in the types that the schema names; others stay as they came. */
export function readTexts(
  texts: unknown,
  { schema }: { readonly schema: unknown },
): Readonly<Record<string, unknown>> {
  const properties = isRecord(schema) && isRecord(schema["properties"]) ? schema["properties"] : {};
  return Object.fromEntries(
    Object.entries(isRecord(texts) ? texts : {}).map(([name, text]) => [
      name,
      Object.hasOwn(properties, name) ? readTyped(text, { property: properties[name] }) : text,
    ]),
  );
}

function readTyped(text: unknown, { property }: { readonly property: unknown }): unknown {
  const type = isRecord(property) ? property["type"] : undefined;
  if (type === "array") return Array.isArray(text) ? text : [text];
  const isNumber = type === "integer" || type === "number";
  // Only plain decimal digits: Number() also takes "", "0x1f" and "1e3".
  return isNumber && typeof text === "string" && /^-?\d{1,16}$/.test(text) ? Number(text) : text;
}

/** Reads a body; an empty one counts as `{}`. @throws InvalidInputError `ORR_INPUT_JSON` */
export function parseBody(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() === "") return {};
    // The reviver costs time: only bodies that can hold the key are walked.
    return /__proto__|\\u005f/i.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, parserMessageMax) : "";
    throw new InvalidInputError("ORR_INPUT_JSON", `the body is not valid JSON: ${reason}`, {
      details: { field: "body", value: bytes.length },
      cause,
    });
  }
}

/** A key that would replace an object's prototype as soon as somebody copied it. */
function refuseProto(key: string, value: unknown): unknown {
  if (key !== "__proto__") return value;
  throw new InvalidInputError("ORR_INPUT_JSON", "the key __proto__ is not allowed");
}

/** The error for what the validator refused first. */
export function refusedError(refusals: readonly Refusal[]): OrreryError {
  const [first] = refusals;
  return first === undefined
    ? new InvalidInputError("ORR_INPUT_INVALID", errorCodes.ORR_INPUT_INVALID.meaning)
    : errorOfRefusal(first);
}

function errorOfRefusal(refusal: Refusal): OrreryError {
  const { keyword, params, data } = refusal;
  const field = fieldOf(refusal.instancePath);
  switch (keyword) {
    case "additionalProperties":
      return unknownField(refusal, field);
    case "required":
      return missingField(refusal, field);
    case "maxLength":
      return tooLarge(field, { unit: "letters", max: params["limit"], value: data });
    case "maxItems":
      return tooLarge(field, { unit: "items", max: params["limit"], value: data });
    default:
      return invalidField(field, { expected: expectationOf(refusal), value: data });
  }
}

function missingField({ params, parentSchema }: Refusal, field: string): OrreryError {
  const key = String(params["missingProperty"]);
  const properties = isRecord(parentSchema) ? parentSchema["properties"] : {};
  const property = isRecord(properties) ? properties[key] : {};
  return invalidField(fieldIn(field, key), {
    expected: expectationOfSchema(isRecord(property) ? property : {}),
    value: undefined,
  });
}

function unknownField({ params, data, parentSchema }: Refusal, field: string): OrreryError {
  const known = isRecord(parentSchema) ? parentSchema["properties"] : {};
  const key = String(params["additionalProperty"]);
  try {
    const value = isRecord(data) ? data[key] : undefined;
    readFields({ [key]: value }, field, Object.keys(isRecord(known) ? known : {}));
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
  }
  return invalidField(fieldIn(field, key), { expected: "absent", value: undefined });
}

function tooLarge(
  field: string,
  bound: { readonly unit: string; readonly max: unknown; readonly value: unknown },
): OrreryError {
  const { unit, max, value } = bound;
  const size = typeof value === "string" || Array.isArray(value) ? value.length : "more";
  return new InvalidInputError(
    "ORR_INPUT_TOO_LARGE",
    `${field} must have at most ${String(max)} ${unit}, not ${size}`,
    { details: { field, value: Array.isArray(value) ? value.length : shownValue(value) } },
  );
}

/** `/tasks/3/input` as `tasks[3].input`. */
function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((field, part) => fieldIn(field, /^\d+$/.test(part) ? Number(part) : part), "");
}

function expectationOf({ keyword, params, message, parentSchema }: Refusal): string {
  switch (keyword) {
    case "type":
    case "enum":
    case "minimum":
    case "maximum":
    case "minLength":
      return expectationOfSchema(isRecord(parentSchema) ? parentSchema : {});
    case "minItems":
      return `a list of at least ${String(params["limit"])}`;
    default:
      return message ?? keyword;
  }
}

/** What a value of the schema looks like, in the words of the service. */
function expectationOfSchema(schema: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(schema["enum"])) return `one of ${schema["enum"].join(", ")}`;
  switch (schema["type"]) {
    case "integer":
    case "number":
      return rangeExpectation(schema);
    case "string":
      return "a text that is not empty";
    case "array":
      return "an array";
    case "object":
      return "an object";
    default:
      return "given";
  }
}

function rangeExpectation(schema: Readonly<Record<string, unknown>>): string {
  const kind = schema["type"] === "integer" ? "a whole number" : "a number";
  const from = `${kind} from ${Number(schema["minimum"] ?? 0)}`;
  return schema["maximum"] === undefined ? from : `${from} to ${Number(schema["maximum"])}`;
}
