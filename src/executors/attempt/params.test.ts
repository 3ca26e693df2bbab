import { expect, test } from "vitest";
import { z } from "zod";

import type { JsonValue } from "../../kernel/json.ts";
import type { TaskDefinition } from "../../model/handler.ts";
import { taskTypeDefaults } from "../../model/task-type.ts";
import { matching } from "../../../test/support/matching.ts";
import { readParams } from "./params.ts";

function read(schema: TaskDefinition["schema"], input: JsonValue): Promise<unknown> {
  const settings = { ...taskTypeDefaults, name: "crawl" };
  return readParams({ settings, schema, code: { kind: "in-process", run: () => null } }, input);
}

test("without a schema the input is handed on as it is", async () => {
  await expect(read(undefined, { any: [1] })).resolves.toEqual({ any: [1] });
});

test("defaults and transforms of the schema reach the handler", async () => {
  const schema = z.object({
    depth: z.number().default(3),
    since: z.string().transform((text) => new Set([text])),
  });
  await expect(read(schema, { since: "x" })).resolves.toEqual({ depth: 3, since: new Set(["x"]) });
});

test("an asynchronous schema is waited for", async () => {
  const schema = z.string().refine((text) => Promise.resolve(text === "yes"), "must be yes");
  await expect(read(schema, "yes")).resolves.toBe("yes");
  await expect(read(schema, "no")).rejects.toThrow("input: must be yes");
});

test("an input that no longer fits names the first wrong path and lists the others", async () => {
  const schema = z.object({ rows: z.array(z.object({ url: z.url() })), mode: z.enum(["a", "b"]) });
  const input = { rows: [{ url: "https://example.org/" }, { url: "nowhere" }], mode: "c" };
  await expect(read(schema, input)).rejects.toMatchObject({
    code: "ORR_INPUT_ARGUMENTS",
    message: matching(/schema of crawl: input\.rows\[1\]\.url: .+ \(and 1 more\)$/),
    details: {
      field: "input.rows[1].url",
      issues: [{ field: "input.rows[1].url" }, { field: "input.mode" }],
    },
  });
});

test("at most twenty issues are listed", async () => {
  const input = Array.from({ length: 50 }, () => "x");
  await expect(read(z.array(z.number()), input)).rejects.toSatisfy((error) => {
    expect(error).toMatchObject({ details: { issues: { length: 20 } } });
    return true;
  });
});

test("what the schema throws passes through", async () => {
  const schema = z.string().transform(() => {
    throw new RangeError("broken schema");
  });
  await expect(read(schema, "x")).rejects.toThrow("broken schema");
});
