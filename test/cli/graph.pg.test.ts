/** The commands of graphs against a real server: what they print, and how they exit. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphRecord } from "../../src/api/graph-records.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { captureCli, type CaptureOptions, followCli } from "./captured-shell.ts";
import { closedGate } from "../support/gate.ts";
import { type CommandResult, startServer } from "./spawned.ts";

let database: TestDatabase;
let server: Awaited<ReturnType<typeof startServer>>;
let folder: string;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ args: [], env: { DATABASE_URL: database.connectionString } });
  folder = await mkdtemp(join(tmpdir(), "orrery-graph-"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function orrery(args: readonly string[], options: CaptureOptions = {}): Promise<CommandResult> {
  const all = ["graph", ...args];
  return captureCli(all, { env: { ORRERY_SERVER: server.url }, directory: folder, ...options });
}

const greet = (name: string, requires: readonly string[] = []) => ({
  name,
  type: "greet",
  input: { name },
  requires,
  undo: "takeTime",
});
const two = { name: "greetings", nodes: [greet("b", ["a"]), greet("a")] };

/** What a command printed as JSON, after it ended well. */
async function graphOf(result: Promise<CommandResult>): Promise<GraphRecord> {
  const { exitCode, out, err } = await result;
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  // The schema of the answer is held against the server's in the tests of the API.
  return JSON.parse(out) as GraphRecord;
}

it("submits a graph from a file and from standard input, and waits for it", async () => {
  await writeFile(join(folder, "two.json"), JSON.stringify(two));
  const args = ["submit", "two.json", "--key", "greetings", "--wait", "--json"];
  const graph = await graphOf(orrery(args));
  expect(graph).toMatchObject({ name: "greetings", key: "greetings", state: "completed" });
  const piped = ["submit", "-", "--key", "greetings", "--json"];
  expect(await graphOf(orrery(piped, { input: JSON.stringify(two) }))).toEqual(graph);
});

it("shows a graph as fields and a table, as Mermaid and as DOT", async () => {
  const submit = ["submit", "-", "--wait", "--json"];
  const { id } = await graphOf(orrery(submit, { input: JSON.stringify(two) }));
  const shown = await orrery(["show", String(id)]);
  expect(shown.exitCode).toBe(0);
  expect(shown.out).toMatch(/^nodes +2: 2 completed$/m);
  expect(shown.out).toMatch(/^b +\d+ +greet +completed .* a$/m);
  const mermaid = await orrery(["show", String(id), "--mermaid"]);
  expect(mermaid.out.split("\n").slice(0, 4)).toEqual([
    "flowchart TD",
    '  n0["a"]:::succeeded',
    '  n1["b"]:::succeeded',
    "  n0 --> n1",
  ]);
  const dot = await orrery(["show", String(id), "--dot"]);
  expect(dot.out).toMatch(/^digraph \{\n[^]*n0 -> n1;\n\}\n$/);
  const both = await orrery(["show", String(id), "--dot", "--mermaid"]);
  expect(both.exitCode).toBe(2);
});

/** What a command that waits for a graph writes while `a` is held, runs and is let go. */
async function watchedSteps(
  options: CaptureOptions,
  seen: { readonly held: RegExp; readonly running: RegExp },
): Promise<string> {
  await using gate = await closedGate();
  const a = { name: "a", type: "waitForAnswer", input: { url: gate.url } };
  const input = JSON.stringify({ nodes: [greet("b", ["a"]), a] });
  const env = { ORRERY_SERVER: server.url };
  await captureCli(["type", "pause", "waitForAnswer"], { env });
  const watching = followCli(["graph", "submit", "-", "--wait"], { env, input, ...options });
  await watching.writes(({ err }) => seen.held.test(err));
  await captureCli(["type", "resume", "waitForAnswer"], { env });
  await watching.writes(({ err }) => seen.running.test(err));
  gate.open();
  const { exitCode, err } = await watching.ended;
  expect(exitCode).toBe(0);
  return err;
}

it("tells how a graph goes on that it waits for, as a log", async () => {
  const err = await watchedSteps({}, { held: / of 2 done/, running: /a: started/ });
  const lines = err.trimEnd().split("\n");
  // A node that was quicker than two looks is told of once, as done.
  expect(lines.filter((line) => !line.endsWith("b: started"))).toEqual([
    expect.stringMatching(/^waiting for graph \d+$/),
    expect.stringMatching(/^ +\d+\.\d{3} s {2}0 of 2 done, [\d.]+ m?s$/),
    expect.stringMatching(/^ +\d+\.\d{3} s {2}a: started$/),
    expect.stringMatching(/^ +\d+\.\d{3} s {2}a: succeeded after [\d.]+ m?s$/),
    expect.stringMatching(/^ +\d+\.\d{3} s {2}b: succeeded after [\d.]+ m?s$/),
  ]);
});

it("tells how a graph goes on that it waits for, as a tree", async () => {
  const err = await watchedSteps({ terminal: 60 }, { held: / of 2 done/, running: /▸/ });
  const frames = err.replaceAll(/\u001b\[[\d;]*m/g, "").split("\u001b[3F\u001b[J");
  expect(frames[0]).toMatch(/^waiting for graph \d+\n· a\n· └ b\n0 of 2 done, [\d.]+ m?s\n$/);
  const running = frames.find((frame) => frame.includes("▸"));
  expect(running).toMatch(/^▸ a .*\n· └ b\n0 of 2 done, 1 running, [\d.]+ m?s\n$/);
  expect(frames.at(-1)).toMatch(
    /^✓ a {4}[\d.]+ m?s\n✓ └ b {2}[\d.]+ m?s\n2 of 2 done, [\d.]+ m?s\n$/,
  );
});

it("watches a graph that it did not submit, by the id of a node, until it fails", async () => {
  const nodes = [
    { name: "time", type: "takeTime", input: { ms: 700 } },
    { name: "no", type: "refuse", requires: ["time"] },
  ];
  const graph = await graphOf(
    orrery(["submit", "-", "--json"], { input: JSON.stringify({ nodes }) }),
  );
  const watched = await orrery(["show", String(graph.nodes[1]?.taskId), "--watch"]);
  expect(watched.exitCode).toBe(1);
  expect(watched.err).toMatch(/^ +\d+\.\d{3} s {2}no: failed after \d+ ms: it was not to be$/m);
  expect(watched.out).toMatch(/^no +\d+ +refuse +disabled .* it was not to be$/m);
});

it("lists graphs and reads their results", async () => {
  const submit = ["submit", "-", "--wait", "--json"];
  const { id } = await graphOf(orrery(submit, { input: JSON.stringify({ ...two, name: "x" }) }));
  const listed = await orrery(["list", "--limit", "1", "--state", "completed"]);
  expect(listed.out).toMatch(new RegExp(`^ID +NAME .*\n${id} +x +completed +.*Z\n$`));
  const all = await orrery(["results", String(id), "--json"]);
  expect(JSON.parse(all.out)).toEqual({
    a: { greeting: "Hello, a!" },
    b: { greeting: "Hello, b!" },
  });
  const one = await orrery(["results", String(id), "b"]);
  expect(one.out).toBe('NODE  RESULT\nb     {"greeting":"Hello, b!"}\n');
  expect(await orrery(["results", String(id), "c"])).toMatchObject({ exitCode: 2 });
});

it("shows of a large graph the nodes that matter, and all on request", async () => {
  const nodes = Array.from({ length: 104 }, (_, index) => greet(`n${index}`));
  nodes[100] = { ...greet("odd"), type: "refuse" };
  const submit = ["submit", "-", "--wait"];
  const { out, err } = await orrery(submit, { input: JSON.stringify({ nodes }) });
  const rows = out.split("\n").filter((line) => / (completed|disabled) /.test(line));
  expect(rows.filter((line) => !line.startsWith("nodes"))).toHaveLength(100);
  expect(out).toMatch(/^odd .* disabled /m);
  expect(err).toMatch(/^and 4 more; `orrery graph show \d+ --all` has all$/m);
  const id = /show (\d+) --all/.exec(err)?.[1] ?? "";
  expect((await orrery(["show", id, "--all"])).out).toMatch(/^n103 /m);
});

it("exits 1 when a graph that it waited for has failed, and still shows it", async () => {
  const nodes = [
    { name: "no", type: "refuse" },
    { name: "after", type: "refuse", requires: ["no"] },
  ];
  const submit = ["submit", "-", "--wait"];
  const { exitCode, out, err } = await orrery(submit, { input: JSON.stringify({ nodes }) });
  expect(exitCode).toBe(1);
  expect(out).toMatch(/^state +failed$/m);
  expect(out).toMatch(/^nodes +2: 1 disabled, 1 cancelled$/m);
  expect(err).toMatch(/graph \d+ is failed/);
});

it("undoes a graph; the undo's own failure shows", async () => {
  const submit = ["submit", "-", "--wait", "--json"];
  const { id } = await graphOf(orrery(submit, { input: JSON.stringify(two) }));
  const reverse = await graphOf(orrery(["undo", String(id), "--json"]));
  expect(reverse.nodes.map((node) => node.name)).toEqual(["b", "a"]);
  const shown = await orrery(["show", String(id)]);
  expect(shown.out).toMatch(new RegExp(`^undone by graph +${reverse.id}$`, "m"));
});

it("says what is wrong with a file, with its place", async () => {
  const missing = await orrery(["submit", "nowhere.json"]);
  expect(missing).toMatchObject({ exitCode: 2 });
  expect(missing.err).toMatch(/^error: cannot read \/.*nowhere.json: there is no such file\n$/);
  const wrong = { nodes: [{ ...greet("a"), requires: ["b"] }] };
  const refused = await orrery(["submit", "-"], { input: JSON.stringify(wrong) });
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.err).toContain('nodes[0].requires[0]: no node of the graph is named "b"');
  const list = await orrery(["submit", "-"], { input: "[]" });
  expect(list.err).toContain('an object with a list "nodes"');
  expect(await orrery(["show", "999999"])).toMatchObject({ exitCode: 3 });
});
