/** `orrery graph`: plans, pictures and runs of graphs, without server and database. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CancelledError } from "../../src/kernel/errors.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { captureCli, type CaptureOptions } from "./captured-shell.ts";
import type { CommandResult } from "./spawned.ts";

function graph(args: readonly string[], options: CaptureOptions = {}): Promise<CommandResult> {
  // Nothing may be asked: no server answers there.
  const env = { ORRERY_SERVER: "http://127.0.0.1:1" };
  return captureCli(["graph", ...args], { env, ...options });
}

/** What it prints as JSON; it must end well. */
async function graphJson(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { exitCode, out, err } = await graph([...args, "--json"]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  const record: unknown = JSON.parse(out);
  return isRecord(record) ? record : {};
}

async function fileWith(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-graph-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

describe("plan", () => {
  it("shows waves, times, the longest chain and what a limit makes of them", async () => {
    const { exitCode, out, err } = await graph(["plan", "graphs/house.json"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^nodes +4$/m);
    expect(out).toMatch(/^one at a time +9.0 s$/m);
    expect(out).toMatch(/^finish +8.0 s, without a limit$/m);
    expect(out).toMatch(/^ +floor > walls > roof$/m);
    expect(out).toMatch(/^ +2 +walls +2.0 s +7.0 s +longest$/m);
    const limited = await graph(["plan", "graphs/house.json", "--concurrency", "1"]);
    expect(limited.out).toMatch(/^finish +9.0 s, 1 at a time$/m);
    // Its priority brings the garden to the front.
    expect(limited.out).toMatch(/^ +1 +garden +0 ms +1.0 s$/m);
  });

  it("takes the settings of a definition, and of a file in reverse", async () => {
    expect(await graphJson("plan", "graphs/house.ts")).toMatchObject({
      nodeCount: 4,
      edgeCount: 2,
      finishMs: 8_000,
      workMs: 9_000,
      criticalPath: { nodes: ["floor", "walls", "roof"], durationMs: 8_000 },
    });
    const { waves } = await graphJson("plan", "graphs/house.json", "--reverse");
    expect(waves).toEqual([
      [
        { node: "roof", startMs: 0, finishMs: 1_000 },
        { node: "garden", startMs: 0, finishMs: 1_000 },
      ],
      [{ node: "walls", startMs: 1_000, finishMs: 6_000 }],
      [{ node: "floor", startMs: 6_000, finishMs: 8_000 }],
    ]);
  });

  it("names the shortest cycle, and drops requirements when it is told to", async () => {
    const { exitCode, out, err } = await graph(["plan", "graphs/cycle.jsonl"]);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toContain("the shortest is compiler > library > compiler");
    expect(await graphJson("plan", "graphs/cycle.jsonl", "--break-cycles")).toMatchObject({
      dropped: [{ node: "compiler", requires: "library" }],
      criticalPath: { nodes: ["make", "compiler", "library"] },
    });
    const people = await graph(["plan", "graphs/cycle.jsonl", "--break-cycles"]);
    expect(people.err).toContain("dropped: compiler requires library");
  });

  it("draws the graph, also one with cycles", async () => {
    const mermaid = await graph(["plan", "graphs/cycle.jsonl", "--mermaid"]);
    expect(mermaid.out).toContain('flowchart TD\n  n0["compiler"]\n');
    expect(mermaid.out).toContain("  n1 --> n0\n");
    const dot = await graph(["plan", "graphs/house.ts", "--dot"]);
    expect(dot.out).toContain('  n0 [label="floor"];\n');
  });

  it("reads what is to be submitted", async () => {
    const nodes = [
      { name: "join", type: "sum", requires: ["a", "b"], undo: "x" },
      { name: "a", type: "sum" },
      { name: "b", type: "sum", priority: "high" },
    ];
    const file = await fileWith("nightly.json", JSON.stringify({ name: "nightly", nodes }));
    const { waves } = await graphJson("plan", file, "--concurrency", "1");
    expect(waves).toMatchObject([
      [
        { node: "a", startMs: 1_000 },
        { node: "b", startMs: 0 },
      ],
      [{}],
    ]);
    const wrong = await fileWith("wrong.json", JSON.stringify({ nodes: [{ nam: "a" }] }));
    expect((await graph(["plan", wrong])).err).toContain("nodes[0].name must be a text");
  });

  it("reads JSON from standard input", async () => {
    const { out } = await graph(["plan", "-", "--json"], { input: '{"b":["a"],"a":[]}' });
    expect(JSON.parse(out)).toMatchObject({ criticalPath: { nodes: ["a", "b"] } });
  });

  it("shows waves of a large graph, and every node on request", async () => {
    const nodes = Array.from({ length: 150 }, (_, at) => [`n${at}`, at === 0 ? [] : ["n0"]]);
    const file = await fileWith("large.json", JSON.stringify(Object.fromEntries(nodes)));
    const { out } = await graph(["plan", file]);
    expect(out).toMatch(/^WAVE +NODES +START +FINISH\n +1 +1 +0 ms +1.0 s\n +2 +149 +1.0 s/m);
    expect(out).not.toContain("n149");
    expect((await graph(["plan", file, "--all"])).out).toContain("n149");
  });

  it.each([
    [["graphs/not-there.json"], /cannot read .*not-there.json/],
    [["-"], /standard input is not valid JSON/, ""],
    [["-"], /standard input must be an object with the nodes as keys, not "\[1\]"/, "[1]"],
    [["-"], /a must be an object, not 7/, '{"a":7}'],
    [["-"], /a.needs is not a known field/, '{"a":{"needs":[]}}'],
    [["-"], /b.requires\[0\] names "aa", which the file does not have.*"a"/, '{"a":[],"b":["aa"]}'],
    [["-"], /a.requires\[0\] must be a text/, '{"a":[7]}'],
    [["-"], /a.estimateMs must be a number from 0/, '{"a":{"estimateMs":"1s"}}'],
    [["-", "--concurrency", "0"], /must be a positive whole number/, '{"a":[]}'],
    [["-", "--mermaid", "--dot"], /cannot be used with option/, '{"a":[]}'],
  ])("%j exits 2 with what is wrong", async (args, message, input = "") => {
    const { exitCode, out, err } = await graph(["plan", ...args], { input });
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(message);
  });

  it.each([
    ['{"node":"a"}\n{', /line 2, is not valid JSON/],
    ['{"node":"a"}\n{"node":"a"}', /line 2.node must be a name that no other node has, not "a"/],
    ['{"requires":[]}', /line 1.node must be a text/],
  ])("names the line of %j that is wrong", async (text, message) => {
    const { exitCode, err } = await graph(["plan", await fileWith("wrong.jsonl", text)]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(message);
  });
});

describe("run", () => {
  it("says that a file is no module, or is not there", async () => {
    const json = await graph(["run", "graphs/house.json"]);
    expect(json).toMatchObject({ exitCode: 2 });
    expect(json.err).toContain("graphs/house.json is no module (.ts, .mts, .js, .mjs)");
    const missing = await graph(["run", "graphs/nowhere.ts"]);
    expect(missing.err).toMatch(/cannot load .*nowhere.ts: there is no such file\n/);
  });

  it("logs what happens when there is no terminal, and sums up", async () => {
    const { exitCode, out, err } = await graph(["run", "graphs/house.ts"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^state +succeeded\nnodes +4 of 4 done, \d/);
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^ *[\d.]+ s {2}/, ""));
    expect(lines.map((line) => line.replace(/ in \d.*/, ""))).toEqual([
      "4 nodes",
      "floor: started",
      "floor: 50% poured",
      "floor: succeeded",
      "walls: started",
      "garden: started",
      "garden: succeeded",
      "walls: succeeded",
      "roof: started",
      "roof: succeeded",
      "succeeded",
    ]);
  });

  it("prints results as JSON, and undoes them", async () => {
    const record = await graphJson("run", "graphs/house.ts");
    expect(record).toMatchObject({
      state: "succeeded",
      counts: { succeeded: 4 },
      nodes: [
        { node: "floor", state: "succeeded", result: { area: 90 } },
        { node: "walls", state: "succeeded", result: 180 },
        { node: "garden", state: "succeeded", result: null },
        { node: "roof", state: "succeeded", result: "over 180" },
      ],
    });
    const file = await fileWith("results.json", JSON.stringify(record));
    const { nodes } = await graphJson("run", "graphs/house.ts", "--reverse", "--results", file);
    expect(nodes).toContainEqual(expect.objectContaining({ result: "broke up 90" }));
  });

  it("draws a tree on a terminal, whose last picture stays", async () => {
    const { exitCode, out, err } = await graph(["run", "graphs/house.ts"], { terminal: 60 });
    expect(exitCode).toBe(0);
    expect(out).toContain("succeeded");
    const frames = err.replaceAll(/\u001b\[[\d;]*m/g, "").split("\u001b[5F\u001b[J");
    expect(frames[0]).toMatch(/^· floor\n· └ walls\n·   └ roof\n· garden\n0 of 4 done, \d+ ms\n$/);
    expect(frames.at(-1)).toMatch(/^✓ floor .*\n✓ └ walls .*\n✓   └ roof .*\n✓ garden .*\n4 of 4 /);
  });

  it("exits 1 when a node fails, with the failure in a table", async () => {
    const { exitCode, out, err } = await graph(["run", "graphs/broken.ts"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^nodes +1 of 5 done, 1 failed, 3 cancelled/m);
    expect(out).toMatch(/^b +failed +.*b is broken$/m);
    expect(err).toContain("error: the graph failed: b is broken");
  });

  it("goes on around a failure when it is told to", async () => {
    const args = ["run", "graphs/broken.ts", "--on-failure", "isolate", "--json"];
    const { exitCode, out } = await graph(args);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ counts: { succeeded: 3, failed: 1, cancelled: 1 } });
  });

  it("calls the function of a module backwards", async () => {
    const args = ["run", "graphs/broken.ts", "--reverse", "--on-failure", "isolate"];
    const { err } = await graph(args);
    const started = [...err.matchAll(/ (\w): started/g)].map(([, node]) => node);
    expect(started).toEqual(["c", "b", "y", "x"]);
  });

  it("exits 8 when it took too long, and gives up on what does not stop", async () => {
    const args = ["run", "graphs/waiting.ts", "--timeout", "20ms", "--grace", "20ms"];
    const { exitCode, out, err } = await graph(args);
    expect(exitCode).toBe(8);
    expect(out).toMatch(/^state +cancelled$/m);
    expect(out).toMatch(/^deaf +abandoned +/m);
    expect(err).toContain("patient: cancelled while it ran");
    expect(err).toContain("later: cancelled before it started");
    expect(err).toContain("deaf: given up after");
    expect(err).toContain("error: the graph took longer than 20 ms");
  });

  it("exits 130 when it is interrupted, once the nodes have stopped", async () => {
    const reason = new CancelledError("ORR_CANCELLED_SHUTDOWN", "stopped by SIGINT");
    const args = ["run", "graphs/waiting.ts", "--grace", "10ms"];
    const { exitCode, err } = await graph(args, { signal: AbortSignal.abort(reason) });
    expect(exitCode).toBe(130);
    expect(err).toContain("patient: cancelled before it started");
    expect(err).toMatch(/interrupted\n$/);
  });

  it.each([
    [["graphs/none.ts"], /exports no graph\n.*default export must be what defineGraph makes/, 2],
    [["graphs/not-there.ts"], /cannot load .*not-there.ts/, 7],
    [["graphs/unknown.ts"], /graphs\/unknown.ts.concurency is not a known field/, 2],
    [["graphs/house.ts", "--reverse"], /--results must name what that printed/, 2],
    [["graphs/house.ts", "--results", "x"], /--results goes with --reverse/, 2],
    [["graphs/house.ts", "--reverse", "--results", "x"], /cannot read .*x/, 2],
    [["graphs/house.ts", "--reverse", "--results", "graphs/house.json"], /must be what `orrery/, 2],
    [["graphs/house.ts", "--timeout", "5"], /--timeout must be a duration/, 2],
    [["graphs/house.ts", "--on-failure", "ignore"], /Allowed choices are stop, isolate/, 2],
    [["graphs/edges.ts"], /has a graph, but nothing to run/, 2],
  ])("%j is refused", async (args, message, code) => {
    const { exitCode, out, err } = await graph(["run", ...args]);
    expect({ exitCode, out }).toEqual({ exitCode: code, out: "" });
    expect(err).toMatch(message);
  });
});
