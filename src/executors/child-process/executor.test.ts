/** What real programs are given, say and leave; stopping.test.ts has how they are stopped. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";

import { isRecord, type JsonValue } from "../../kernel/json.ts";
import type { GraphAccess } from "../../model/graph.ts";
import type { ChildCommand, TaskDefinition } from "../../model/handler.ts";
import { eventful, type Outcome, snoozed, uneventful } from "../../model/outcome.ts";
import { testAttempt, type TestAttempt } from "../../../test/support/attempt-request.ts";
import { matching } from "../../../test/support/matching.ts";
import { createChildProcessExecutor } from "./executor.ts";
import { noGraphs } from "../../../test/support/no-graphs.ts";

const environment = {
  PATH: process.env["PATH"],
  HOME: "/nowhere",
  LANG: "C.UTF-8",
  DATABASE_URL: "postgres://secret",
  ORRERY_TOKEN: "secret",
  PROXY: "proxy.example",
};
const executor = createChildProcessExecutor({
  environment,
  inheritedNames: ["PROXY"],
  graphs: noGraphs,
});

function shell(script: string, ...args: readonly string[]): ChildCommand {
  return { file: "sh", args: ["-c", script, "sh", ...args] };
}

function fixture(name: string, ...args: readonly string[]): ChildCommand {
  const path = fileURLToPath(new URL(`../../../test/support/programs/${name}`, import.meta.url));
  return { file: process.execPath, args: [path, ...args] };
}

interface Ended extends TestAttempt {
  readonly outcome: Outcome;
}

async function run(
  command: ChildCommand,
  options: { readonly input?: JsonValue; readonly schema?: TaskDefinition["schema"] } = {},
): Promise<Ended> {
  const attempt = testAttempt({ kind: "child-process", command: () => command }, options);
  return { ...attempt, outcome: await executor.execute(attempt.request) };
}

function outputOf(outcome: Outcome): Readonly<Record<string, unknown>> {
  return outcome.kind === "eventful" && isRecord(outcome.output) ? outcome.output : {};
}

test("a program that ends with 0 is eventful; its lines are the log", async () => {
  const { outcome, lines } = await run(shell("echo one; echo two >&2; echo; printf last"));
  expect(outcome).toEqual(eventful(null));
  // The two streams are two pipes: only within one is the order kept.
  expect(lines.filter(({ level }) => level === "info").map(({ message }) => message)).toEqual([
    "one",
    "",
    "last",
  ]);
  expect(lines.filter(({ level }) => level === "warn")).toEqual([
    { level: "warn", message: "two" },
  ]);
});

test("arguments reach the program as they are, whatever a shell would make of them", async () => {
  const args = ["$HOME", "a b", "", "'; exit 3 #", "*", "ü"];
  const { outcome } = await run(fixture("show-start.ts", ...args));
  expect(outputOf(outcome)["args"]).toEqual(args);
});

test("the input comes on stdin and in the environment, with the facts of the attempt", async () => {
  const command = {
    ...fixture("show-start.ts"),
    env: { EXTRA: "1", ORRERY_FENCE: "0" },
    cwd: "/",
  };
  const { outcome } = await run(command, { input: { url: "https://example.org/" } });
  const output = outputOf(outcome);
  expect(output["stdin"]).toEqual({ url: "https://example.org/" });
  expect(output["cwd"]).toBe("/");
  expect(output["env"]).toEqual({
    PATH: environment.PATH,
    HOME: "/nowhere",
    LANG: "C.UTF-8",
    PROXY: "proxy.example",
    EXTRA: "1",
    ORRERY_RUN_ID: "7",
    ORRERY_ATTEMPT: "2",
    ORRERY_FENCE: "42",
    ORRERY_INPUT: '{"url":"https://example.org/"}',
  });
});

test("the run of a task names the task", async () => {
  const attempt = testAttempt(
    { kind: "child-process", command: () => fixture("show-start.ts") },
    { taskId: 9 },
  );
  const outcome = await executor.execute(attempt.request);
  expect(outputOf(outcome)["env"]).toMatchObject({ ORRERY_TASK_ID: "9" });
});

test("the program sees what the schema made of the input, if that is JSON", async () => {
  const filled = z.object({ depth: z.number().default(3) });
  const first = await run(fixture("show-start.ts"), { input: {}, schema: filled });
  expect(outputOf(first.outcome)["stdin"]).toEqual({ depth: 3 });
  const mapped = z.object({}).transform(() => new Map([["depth", 3]]));
  const second = await run(fixture("show-start.ts"), { input: {}, schema: mapped });
  expect(outputOf(second.outcome)["stdin"]).toEqual({});
});

test("a large input comes on stdin alone", async () => {
  const input = { text: "x".repeat(500_000) };
  const { outcome } = await run(fixture("show-start.ts"), { input });
  expect(outputOf(outcome)["stdin"]).toEqual(input);
  expect(outputOf(outcome)["env"]).not.toHaveProperty("ORRERY_INPUT");
});

test("a program need not read its input", async () => {
  const { outcome } = await run(shell("exec 0<&-; echo done"), { input: "x".repeat(900_000) });
  expect(outcome).toEqual(eventful(null));
});

test("report lines carry progress, output and outcome, and are not logged", async () => {
  const reports = [
    '{"orrery": {"progress": 0.4, "message": "4 of 10"}}',
    '{"orrery": {"progress": null}}',
    '{"orrery": {"output": {"rows": 1}}}',
    '{ "orrery" : {"output": {"rows": 2}, "outcome": "uneventful", "progress": 1}}',
  ];
  const { outcome, lines, progress } = await run(shell('printf "%s\\n" "$@"', ...reports));
  expect(outcome).toEqual(uneventful({ rows: 2 }));
  expect(progress).toEqual([
    [0.4, "4 of 10"],
    [null, undefined],
    [1, undefined],
  ]);
  expect(lines).toEqual([]);
});

test.each([
  ["a snooze", `echo '{"orrery": {"outcome": "snoozed", "delayMs": 60000}}'`, snoozed(60_000)],
  [
    "a final failure, whatever the exit code,",
    `echo '{"orrery": {"outcome": "permfailed", "message": "gone"}}'; exit 1`,
    { kind: "permfailed", error: { code: "ORR_EXEC_FAILED", message: "gone" } },
  ],
  [
    "a failure in spite of exit code 0",
    `echo '{"orrery": {"outcome": "failed"}}'`,
    { kind: "failed", error: { message: "sh reported failed" } },
  ],
  [
    "an exit code against a good outcome",
    `echo '{"orrery": {"outcome": "eventful"}}'; exit 4`,
    { kind: "failed", error: { code: "ORR_EXEC_EXIT" } },
  ],
])("%s is taken from the program", async (_, script, expected) => {
  const { outcome } = await run(shell(script));
  expect(outcome).toMatchObject(expected);
});

test.each([
  ['{"orrery": {"progres": 1}}', /orrery\.progres is not a known field; did you mean "progress"/],
  ['{"orrery": {"progress": "1"}}', /orrery\.progress must be a number from 0 to 1, or null/],
  ['{"orrery": {"outcome": "lost"}}', /orrery\.outcome must be one of eventful/],
  ['{"orrery": {"outcome": "snoozed"}}', /orrery\.delayMs must be a number/],
  ['{"orrery": {"before": ["a"]}}', /orrery\.before must be beside addNodes/],
  ['{"orrery": {"output": }}', /is not valid JSON/],
  ['{"orrery": {}, "more": 1}', /more is not a known field/],
])("the report %s is told to be wrong and changes nothing", async (report, message) => {
  const { outcome, lines } = await run(shell('echo "$1"', report));
  expect(outcome).toEqual(eventful(null));
  expect(lines).toEqual([{ level: "warn", message: matching(message) }]);
});

test("nodes are added in the order of their reports, before the run ends", async () => {
  const added: unknown[] = [];
  const graphs: GraphAccess = {
    ...noGraphs,
    addNodes: async ({ id }, { nodes, options }) => {
      await Promise.resolve();
      added.push([id, nodes, options]);
      return ["a"];
    },
  };
  const adding = createChildProcessExecutor({ environment, graphs });
  const reports = [
    '{"orrery": {"addNodes": [{"name": "a"}], "before": ["z"], "output": 1}}',
    '{"orrery": {"addNodes": [{"name": "b"}], "onFailure": "block"}}',
  ];
  const command = (): ChildCommand => shell('printf "%s\\n" "$@"', ...reports);
  const attempt = testAttempt({ kind: "child-process", command });
  expect(await adding.execute(attempt.request)).toEqual(eventful(1));
  expect(added).toEqual([
    [7, [{ name: "a" }], { before: ["z"] }],
    [7, [{ name: "b" }], { onFailure: "block" }],
  ]);
  expect(attempt.lines[0]?.message).toBe("nodes added to the graph: 1");
});

test("nodes that are refused, or not understood, fail the run with exit code 0 too", async () => {
  const refused = await run(shell(`echo '{"orrery": {"addNodes": [], "outcome": "uneventful"}}'`));
  expect(refused.outcome).toMatchObject({
    kind: "failed",
    error: { code: "ORR_STATE_TRANSITION", message: "run 7 belongs to no graph" },
  });
  const broken = await run(shell(`echo '{"orrery": {"addNodes": [}}'`));
  expect(broken.outcome).toMatchObject({
    kind: "failed",
    error: { code: "ORR_EXEC_FAILED", message: matching(/^a report was not understood/) },
  });
});

test("other JSON is a log line like any other", async () => {
  const { lines } = await run(shell(`echo '{"level": "info", "orrery": 1}'`));
  expect(lines).toEqual([{ level: "info", message: '{"level": "info", "orrery": 1}' }]);
});

test("an exit code other than 0 is a failure with the program's last words", async () => {
  const { outcome } = await run(shell("for i in $(seq 30); do echo line $i >&2; done; exit 3"));
  expect(outcome).toMatchObject({
    kind: "failed",
    error: {
      code: "ORR_EXEC_EXIT",
      message: "sh ended with exit code 3: line 30",
      details: { file: "sh", exitCode: 3, signal: null },
    },
  });
  const details = outcome.kind === "failed" ? outcome.error.details : {};
  expect(details["stderr"]).toEqual(Array.from({ length: 20 }, (_, at) => `line ${at + 11}`));
});

test("a program that a signal ended is a failure that names it", async () => {
  const { outcome } = await run(shell("kill -SEGV $$"));
  expect(outcome).toMatchObject({
    kind: "failed",
    error: { message: "sh ended with SIGSEGV", details: { exitCode: null, signal: "SIGSEGV" } },
  });
});

test.each([
  {
    what: "a program that is not there",
    command: { file: "/no/such/program", args: [] },
    said: { message: /no such program/, errno: "ENOENT" },
  },
  {
    what: "a file that is no program",
    command: { file: "/etc/passwd", args: [] },
    said: { message: /may not be executed/, errno: "EACCES" },
  },
  {
    what: "a program in a folder that is not there",
    command: { file: "sh", args: [], cwd: "/no/such/folder" },
    said: { message: /its working directory \/no\/such\/folder does not exist/, errno: "ENOENT" },
  },
  {
    what: "a program with too many arguments",
    command: { file: "sh", args: Array.from({ length: 80 }, () => "x".repeat(99_000)) },
    said: { message: /arguments and environment are too large/, errno: "E2BIG" },
  },
])("$what cannot be started, and the error says why", async ({ command, said }) => {
  const { outcome } = await run(command);
  expect(outcome).toMatchObject({
    kind: "failed",
    error: {
      code: "ORR_EXEC_SPAWN",
      message: matching(said.message),
      details: { file: command.file, errno: said.errno },
    },
  });
});

test("a command function that throws is a failure that names it", async () => {
  const attempt = testAttempt({
    kind: "child-process",
    command: () => {
      throw new RangeError("no url");
    },
  });
  await expect(executor.execute(attempt.request)).resolves.toMatchObject({
    kind: "failed",
    error: { code: "ORR_EXEC_SPAWN", message: "command() threw: no url" },
  });
});

test("an input that no longer fits the schema starts nothing", async () => {
  const { outcome } = await run(shell("exit 0"), { input: 1, schema: z.string() });
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "ORR_INPUT_ARGUMENTS" } });
});

test("a function is not taken for a program", async () => {
  const attempt = testAttempt({ kind: "in-process", run: () => null });
  await expect(executor.execute(attempt.request)).resolves.toMatchObject({
    error: { code: "ORR_EXEC_NO_HANDLER" },
  });
});

test("a flood is kept from its beginning, counted, and does not hold up the program", async () => {
  const { outcome, lines } = await run(shell("seq 300000; echo end >&2"));
  expect(outcome).toEqual(eventful(null));
  expect(lines).toHaveLength(10_001);
  expect(lines.at(-1)?.message).toMatch(/^29000[01] more lines \(\d+ bytes\) were dropped/);
});

test("reports count even when the log is full", async () => {
  const { outcome } = await run(shell(`seq 20000; echo '{"orrery": {"output": 5}}'`));
  expect(outcome).toEqual(eventful(5));
});

test("a long line is cut at a letter's border and says how much is lost", async () => {
  const { lines } = await run(shell(`printf 'x'; yes ü | head -n 10000 | tr -d '\\n'`));
  const [line] = lines;
  expect(lines).toHaveLength(1);
  const match = /^xü+ … \[(\d+) bytes cut\]$/.exec(line?.message ?? "");
  expect(match).not.toBeNull();
  expect(Number(match?.[1])).toBe(20_001 - 8_128);
});

test("bytes that are no UTF-8, NUL included, are replaced", async () => {
  const { lines } = await run(shell(`printf 'a\\377b\\000c\\303'`));
  expect(lines).toEqual([{ level: "info", message: "a\ufffdb\ufffdc\ufffd" }]);
});

test("an output of nearly a MiB in one line is taken, a larger one is a failure", async () => {
  const script = (size: number): string =>
    `console.log(JSON.stringify({ orrery: { output: "x".repeat(${size}) } }))`;
  const inOne = (size: number): ChildCommand => ({
    file: process.execPath,
    args: ["-e", script(size)],
  });
  const fits = await run(inOne(1_048_000));
  expect(fits.outcome).toEqual(eventful("x".repeat(1_048_000)));
  const over = await run(inOne(1_048_577));
  expect(over.outcome).toMatchObject({
    kind: "failed",
    error: { message: matching("at most 1048576") },
  });
  const far = await run(inOne(3_000_000));
  expect(far.outcome).toMatchObject({
    kind: "failed",
    error: { message: matching(/^a report of 30000\d\d bytes/) },
  });
});
