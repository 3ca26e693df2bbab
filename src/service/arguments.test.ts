import { expect, test } from "vitest";
import { z } from "zod";
import { OrreryError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { defineTask } from "../model/define-task.ts";
import type { StandardSchema } from "../model/standard-schema.ts";
import { checkedArguments } from "./arguments.ts";

const run = (): undefined => undefined;
const fetchPage = defineTask({
  name: "fetchPage",
  input: z.object({ url: z.url(), pages: z.array(z.int()).default([]) }),
  run,
});

async function refusal(schema: StandardSchema | undefined, input: JsonValue): Promise<OrreryError> {
  const definition =
    schema === undefined ? fetchPage : defineTask({ name: "t", input: schema, run });
  try {
    await checkedArguments(definition, { input, field: "tasks[3].input" });
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("what a schema accepts is answered as the schema makes it", async () => {
  const input = { url: "https://example.org" };
  expect(await checkedArguments(fetchPage, { input, field: "input" })).toEqual({
    ...input,
    pages: [],
  });
});

test("without a schema anything is accepted", async () => {
  expect(await checkedArguments(undefined, { input: 5, field: "input" })).toBe(5);
  const bare = defineTask({ name: "bare", run });
  expect(await checkedArguments(bare, { input: [1], field: "input" })).toEqual([1]);
});

test("the first wrong field is named with its path and value", async () => {
  const error = await refusal(undefined, { url: "https://example.org", pages: [1, 2.5] });
  expect(error.code).toBe("ORR_INPUT_ARGUMENTS");
  expect(error.details).toMatchObject({ field: "tasks[3].input.pages[1]", value: 2.5 });
  expect(error.message).toContain("tasks[3].input.pages[1]: ");
});

test("all wrong fields are listed", async () => {
  const error = await refusal(undefined, { url: 5, pages: "none" });
  expect(error.details["issues"]).toMatchObject([
    { field: "tasks[3].input.url" },
    { field: "tasks[3].input.pages" },
  ]);
});

function schemaOf(validate: StandardSchema["~standard"]["validate"]): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("a schema may answer later", async () => {
  const late = schemaOf(async () => ({ issues: [{ message: "too late" }] }));
  expect((await refusal(late, {})).message).toBe("tasks[3].input: too late");
});

test("a path of keys in objects is read as well as one of bare keys", async () => {
  const schema = schemaOf(() => ({
    issues: [{ message: "no", path: [{ key: "list" }, { key: 0 }, "name"] }],
  }));
  const error = await refusal(schema, { list: [{ name: "x" }] });
  expect(error.details).toMatchObject({ field: "tasks[3].input.list[0].name", value: "x" });
});

test("a schema that throws refuses the input and says why", async () => {
  const broken = schemaOf(() => {
    throw new TypeError("no such table");
  });
  const error = await refusal(broken, {});
  expect(error.code).toBe("ORR_INPUT_ARGUMENTS");
  expect(error.message).toContain("the schema threw: no such table");
});
