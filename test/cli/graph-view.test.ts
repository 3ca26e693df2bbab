/** The live picture of a graph's run, on a manual clock. */

import { describe, expect, it } from "vitest";
import { defineGraph } from "../../src/graph/graph-definition.ts";
import { type Edge, type Graph, graphOf } from "../../src/graph/graph.ts";
import { settleGraph, type RunNodesOptions } from "../../src/graph/run-graph.ts";
import { RunBoard } from "../../src/cli/graph/run-board.ts";
import { RunTree } from "../../src/cli/graph/run-tree.ts";
import { openRunView } from "../../src/cli/graph/run-view.ts";
import { paintNothing } from "../../src/cli/terminal/styling.ts";
import { widthOf } from "../../src/cli/terminal/text-width.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { runOnClock } from "../../src/testing/run-on-clock.ts";
import { captureShell } from "./captured-shell.ts";

/** The pictures of a run, without colours. */
async function framesOf(
  graph: Graph<string>,
  options: RunNodesOptions<string, unknown> & { readonly columns?: number },
): Promise<readonly string[]> {
  const clock = createManualClock();
  const { columns = 70, ...runOptions } = options;
  const captured = captureShell([], { terminal: columns });
  const view = openRunView({ ...captured.shell, clock }, graph, { quiet: false });
  await runOnClock(clock, settleGraph(graph, { ...runOptions, clock, onEvent: view.onEvent }));
  view[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
  return captured
    .result()
    .err.replaceAll(/\u001b\[[\d;]*m/g, "")
    .split(/\u001b\[\d+F\u001b\[J/);
}

describe("the live tree", () => {
  it("moves bars and times while nodes run, and says how they ended", async () => {
    const graph = graphOf<string>([
      ["second", "first"],
      ["flaky", null],
    ]);
    const frames = await framesOf(graph, {
      onFailure: "isolate",
      settings: (node) =>
        node === "flaky" ? { retry: { limit: 1, delayMs: 100, jitter: 0 } } : { timeoutMs: 190 },
      run: async (node, { progress, delay }) => {
        if (node === "first") progress(0.25, "reading");
        await delay(node === "first" ? 1_000 : 50);
        throw new RangeError("no luck");
      },
    });
    expect(frames).toEqual([
      "· first\n· └ second\n· flaky\n0 of 3 done, 0 ms\n",
      "▸ first     [██████░░░░░░░░░░░░░░░░░░]  25% reading\n· └ second\n" +
        "↻ flaky     resting, no luck\n0 of 3 done, 1 running, 1 resting, 100 ms\n",
      "✗ first     failed, 190 ms, node first took longer than 190 ms\n" +
        "– └ second  cancelled, node first failed: node first took longer tha…\n" +
        "▸ flaky     [░░██████░░░░░░░░░░░░░░░░]      try 2\n" +
        "0 of 3 done, 1 running, 1 failed, 1 cancelled, 200 ms\n",
      "✗ first     failed, 190 ms, node first took longer than 190 ms\n" +
        "– └ second  cancelled, node first failed: node first took longer tha…\n" +
        "✗ flaky     failed, 200 ms, no luck\n0 of 3 done, 2 failed, 1 cancelled, 200 ms\n",
    ]);
  });

  it("shows those at work of more nodes than there is room for", async () => {
    const chain = Array.from({ length: 100 }, (_, at): Edge<string> => [`n${at + 1}`, `n${at}`]);
    const frames = await framesOf(graphOf(chain), { run: (_, { delay }) => delay(60) });
    expect(frames[0]).toBe("  … 101 more\n0 of 101 done, 0 ms\n");
    expect(frames[2]).toMatch(
      /^▸ n3 {2}\[░░█{6}░{16}\] +20 ms\n {2}… 100 more\n3 of 101 done, 1 running, 200 ms\n$/,
    );
    expect(frames.at(-1)).toBe("  … 101 more\n101 of 101 done, 6.1 s\n");
  });

  it("never draws a line wider than the terminal, nor one that is two", async () => {
    const names = ["漢字".repeat(30), "a\nb", "deep ".repeat(20), "\u001b[2J"];
    const edges = names.map((name, at): Edge<string> => [name, names[at - 1] ?? null]);
    for (const columns of [20, 40, 80]) {
      const frames = await framesOf(graphOf(edges), {
        columns,
        run: async (_, { progress, delay }) => {
          progress(0.5, "a long message ".repeat(20));
          await delay(100);
        },
      });
      for (const frame of frames) {
        const lines = frame.trimEnd().split("\n");
        expect(lines.length).toBe(5);
        expect(Math.max(...lines.map(widthOf))).toBeLessThan(columns);
        expect(frame).not.toContain("\u001b");
      }
    }
  });

  it("survives a terminal that has no room at all", async () => {
    const frames = await framesOf(graphOf<string>([["b", "a"]]), { columns: 1, run: () => 1 });
    expect(frames.at(-1)).toBe("✓\n✓\n…\n");
  });

  it("hangs a node below the deepest that it requires, whatever else it requires", () => {
    const graph = defineGraph()
      .node("base", () => 1)
      .node("middle", { requires: ["base"], run: () => 1 })
      .node("top", { requires: ["base", "middle"], run: () => 1 });
    const tree = new RunTree(graph.toGraph());
    const board = new RunBoard(3);
    const lines = tree.lines({ board, elapsedMs: 0, width: 40, tick: 0, paint: paintNothing });
    expect(lines.slice(0, 3)).toEqual(["· base", "· └ middle", "·   └ top"]);
  });

  it("is drawn for a graph of a hundred thousand nodes side by side", () => {
    const lone = Array.from({ length: 100_000 }, (_, at): Edge<number> => [at, null]);
    const tree = new RunTree(graphOf(lone));
    const view = { elapsedMs: 0, width: 40, tick: 0, paint: paintNothing };
    expect(tree.lines({ board: new RunBoard(100_000), ...view })).toEqual([
      "  … 100000 more",
      "0 of 100000 done, 0 ms",
    ]);
  });
});
