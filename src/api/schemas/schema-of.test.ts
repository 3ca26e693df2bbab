import { Type } from "typebox";
import { Value } from "typebox/value";
import { expect, test } from "vitest";

import { isRecord } from "../../kernel/json.ts";
import { outcomeKinds } from "../../model/outcome.ts";
import { policyMsMax, timeoutMsMax } from "../../model/policy-input.ts";
import { logLevels } from "../../model/run.ts";
import { runTable, taskTable, workerTable } from "../../model/state-machine.ts";
import { tokenRoles } from "../../model/worker.ts";
import {
  requestCountMax,
  requirementCountMax,
  triggerCountMax,
} from "../../service/read-requests.ts";
import { batchItemsMax, requirementsMax, triggersMax } from "./parts.ts";
import { schemas } from "./registry.ts";
import { schemaOf } from "./schema-of.ts";

interface Sample {
  readonly name: string;
  readonly tags: readonly string[];
  readonly note?: string;
}

const name = Type.String();
const tags = Type.Array(Type.String());
const note = Type.Optional(Type.String());

test("a schema that says what the interface says is taken", () => {
  const schema = schemaOf<Sample>()(Type.Object({ name, tags, note }));
  expect(Value.Check(schema, { name: "a", tags: [] })).toBe(true);
  expect(Value.Check(schema, { name: "a", tags: [1] })).toBe(false);
});

test("a schema that differs in any member does not compile", () => {
  // @ts-expect-error a member is missing
  schemaOf<Sample>()(Type.Object({ name, tags }));
  // @ts-expect-error a member is one too many
  schemaOf<Sample>()(Type.Object({ name, tags, note, more: Type.Null() }));
  // @ts-expect-error an optional member is required
  schemaOf<Sample>()(Type.Object({ name, tags, note: Type.String() }));
  // @ts-expect-error a type is wider
  schemaOf<Sample>()(Type.Object({ name: Type.Union([name, Type.Null()]), tags, note }));
  // @ts-expect-error the type inside a list is another
  schemaOf<Sample>()(Type.Object({ name, tags: Type.Array(Type.Number()), note }));
  expect(schemaOf).toBeTypeOf("function");
});

test("every schema has its name as title, a description, and refuses unknown members", () => {
  const open = new Set(["TaskTriggerSpec", "TriggerRequest"]);
  for (const [title, schema] of Object.entries(schemas)) {
    expect(schema).toMatchObject({ title, additionalProperties: open.has(title) });
    expect(schema).toHaveProperty("description");
  }
});

test("every text, list and number that callers send has a bound", () => {
  const sent = Object.entries(schemas).filter(([key]) =>
    /Request$|Change$|Body$|Query$|Params$/.test(key),
  );
  expect(sent.length).toBeGreaterThan(10);
  for (const [key, schema] of sent) expectBounded(schema, key);
});

function expectBounded(schema: unknown, path: string): void {
  if (typeof schema !== "object" || schema === null) return;
  if ("type" in schema && !("enum" in schema) && !("const" in schema)) {
    const bound = { string: "maxLength", array: "maxItems", integer: "maximum", number: "maximum" };
    for (const [type, keyword] of Object.entries(bound)) {
      if (schema.type === type) expect(schema, path).toHaveProperty(keyword);
    }
  }
  for (const [key, part] of Object.entries(schema)) {
    if (key !== "examples") expectBounded(part, `${path}/${key}`);
  }
}

test("words and bounds are those of the model, which this room knows by its types only", () => {
  const wordsOf = (schema: unknown, ...path: readonly string[]): unknown =>
    path.reduce((place: unknown, key) => (isRecord(place) ? place[key] : undefined), schema);
  const words = (schema: unknown, member: string) => wordsOf(schema, "properties", member, "enum");
  expect(words(schemas.RunRecord, "state")).toEqual(Object.keys(runTable));
  expect(words(schemas.TaskRecord, "state")).toEqual(Object.keys(taskTable));
  expect(words(schemas.WorkerRecord, "state")).toEqual(Object.keys(workerTable));
  expect(words(schemas.AttemptRecord, "outcome")).toEqual(outcomeKinds);
  expect(words(schemas.LogRecord, "level")).toEqual(logLevels);
  expect(words(schemas.TokenRecord, "role")).toEqual(tokenRoles);
  const bounds = { minimum: 0, maximum: policyMsMax };
  expect(wordsOf(schemas.RetryPolicy, "properties", "delayMs")).toMatchObject(bounds);
  const timeout = wordsOf(schemas.PolicyOverrides, "properties", "timeoutMs");
  expect(timeout).toMatchObject({ maximum: timeoutMsMax });
  expect(batchItemsMax).toBe(requestCountMax);
  expect([triggersMax, requirementsMax]).toEqual([triggerCountMax, requirementCountMax]);
});
