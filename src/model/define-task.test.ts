import { expect, test } from "vitest";
import { z } from "zod";
import { OrreryError } from "../kernel/errors.ts";
import { defineTask, isTaskDefinition, withName } from "./define-task.ts";
import { taskTypeDefaults } from "./task-type.ts";

const run = (): undefined => undefined;

/** Definitions as they could come from JavaScript, where no compiler looks. */
function refusal(options: object): OrreryError {
  try {
    // oxlint-disable-next-line no-unsafe-type-assertion -- wrong on purpose
    defineTask(options as Parameters<typeof defineTask>[0]);
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("a definition without settings has the defaults", () => {
  const { settings, schema, code } = defineTask({ name: "mail", run });
  expect(settings).toEqual({ ...taskTypeDefaults, name: "mail" });
  expect(schema).toBeUndefined();
  expect(code.kind).toBe("in-process");
});

test("parts of policies are filled in", () => {
  const { settings } = defineTask({
    name: "mail",
    run,
    retry: { limit: 9, delayMs: 7_200_000 },
    interval: { defaultMs: 1_000 },
    limits: { runningMax: 2 },
  });
  expect(settings.retry).toEqual({
    limit: 9,
    delayMs: 7_200_000,
    factor: 4,
    delayMsMax: 7_200_000,
    jitter: 0.2,
  });
  expect(settings.interval).toEqual({
    defaultMs: 1_000,
    minMs: 1_000,
    maxMs: 604_800_000,
    factor: 2,
  });
  expect(settings.limits).toEqual({
    runningMax: 2,
    runningPerKeyMax: null,
    unfinishedMax: null,
  });
});

test.each([
  [{ maxMs: 1_000 }, { defaultMs: 1_000, minMs: 1_000, maxMs: 1_000 }],
  [{ minMs: 7_200_000 }, { defaultMs: 7_200_000, minMs: 7_200_000, maxMs: 604_800_000 }],
  [{ defaultMs: 10 ** 9 }, { defaultMs: 10 ** 9, minMs: 60_000, maxMs: 10 ** 9 }],
])("the interval %j leaves the other bounds in order", (interval, wanted) => {
  const { settings } = defineTask({ name: "poll", run, interval });
  expect(settings.interval).toMatchObject(wanted);
});

test("a delay that no longer delay allows is shortened with it", () => {
  const { settings } = defineTask({ name: "mail", run, retry: { delayMsMax: 100 } });
  expect(settings.retry).toMatchObject({ delayMs: 100, delayMsMax: 100 });
});

test("a fixed command is checked at once and answered for every input", () => {
  const { settings, code } = defineTask({
    name: "list",
    command: { file: "ls", args: ["-l", ""], env: { LANG: "C" }, cwd: "/tmp" },
  });
  expect(settings.executor).toBe("child-process");
  expect(code.kind === "child-process" && code.command({})).toEqual({
    file: "ls",
    args: ["-l", ""],
    env: { LANG: "C" },
    cwd: "/tmp",
  });
});

test("a schema that can make JSON Schema of itself shows it to people", () => {
  const { settings } = defineTask({ name: "a", run, input: z.object({ url: z.url() }) });
  expect(settings.inputSchema).toMatchObject({
    type: "object",
    properties: { url: { type: "string" } },
  });
});

test("a schema that cannot make JSON Schema of itself validates all the same", () => {
  const definition = defineTask({ name: "a", run, input: z.object({ at: z.bigint() }) });
  expect(definition.settings.inputSchema).toBeNull();
  expect(definition.schema).toBeDefined();
});

test.each([
  ["name", { name: "two words", run }],
  ["name", { name: "x".repeat(201), run }],
  ["description", { description: 5, run }],
  ["run", {}],
  ["run", { run: "function" }],
  ["run", { run, command: { file: "ls", args: [] } }],
  ["command", { command: "rm -rf /" }],
  ["command.file", { command: { file: "", args: [] } }],
  ["command.args", { command: { file: "ls", args: "-l" } }],
  ["command.args[1]", { command: { file: "ls", args: ["-l", 5] } }],
  ["command.args[0]", { command: { file: "ls", args: ["a\0b"] } }],
  ["command.env.PORT", { command: { file: "ls", args: [], env: { PORT: 80 } } }],
  ["command.cwd", { command: { file: "ls", args: [], cwd: 5 } }],
  ["command.shell", { command: { file: "ls", args: [], shell: true } }],
  ["input", { run, input: { parse: () => 1 } }],
  ["input", { run, input: { "~standard": { version: 2, validate: () => 1 } } }],
  ["retry", { run, retry: 3 }],
  ["retry.limit", { run, retry: { limit: 1.5 } }],
  ["retry.factor", { run, retry: { factor: 0 } }],
  ["retry.jitter", { run, retry: { jitter: 2 } }],
  ["retry.delayMs", { run, retry: { delayMs: 10, delayMsMax: 5 } }],
  ["retry.limits", { run, retry: { limits: 3 } }],
  ["interval.factor", { run, interval: { factor: 0.5 } }],
  ["interval.minMs", { run, interval: { minMs: 10, maxMs: 5 } }],
  ["interval.minMs", { run, interval: { minMs: 0 } }],
  ["interval.defaultMs", { run, interval: { minMs: 10, maxMs: 20, defaultMs: 5 } }],
  ["timeoutMs", { run, timeoutMs: 0 }],
  ["timeoutMs", { run, timeoutMs: "1s" }],
  ["graceMs", { run, graceMs: 3_600_001 }],
  ["limits.runningMax", { run, limits: { runningMax: -1 } }],
  ["limits.runningPerKeyMax", { run, limits: { runningPerKeyMax: 0 } }],
  ["limits.maxRunning", { run, limits: { maxRunning: 1 } }],
  ["retentionClass", { run, retentionClass: "Very Long" }],
  ["timeout", { run, timeout: 5 }],
])("the field %s of %j is refused", (field, options) => {
  const error = refusal({ name: "task", ...options });
  expect(error.code).toMatch(/^ORR_INPUT_(INVALID|TOO_LARGE)$/);
  expect(error.details["field"]).toBe(field);
  expect(error.message).toContain(field);
});

test("a name can be left to the scan, which gives it to a copy", () => {
  const definition = defineTask({ run });
  expect(definition.settings.name).toBe("");
  expect(withName(definition, "jobs.mail").settings.name).toBe("jobs.mail");
  expect(definition.settings.name).toBe("");
});

test("only what defineTask makes is a definition", () => {
  expect(isTaskDefinition(defineTask({ run }))).toBe(true);
  expect(isTaskDefinition(defineTask({ command: { file: "ls", args: [] } }))).toBe(true);
  for (const other of [undefined, run, {}, { settings: { name: "a" } }, { code: {} }, z.string()]) {
    expect(isTaskDefinition(other)).toBe(false);
  }
});
