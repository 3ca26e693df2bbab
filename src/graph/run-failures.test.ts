/** What a run of a graph does when nodes fail, and when they do not stop. */

import { describe, expect, it } from "vitest";
import { deaf, loneNodes, recorder } from "../../test/support/recorded-run.ts";
import { nextTurn } from "../kernel/clock.ts";
import { ExceptionGroup } from "./exception-group.ts";
import { defineGraph } from "./graph-definition.ts";
import { type Edge, graphOf } from "./graph.ts";
import { runGraph, settleGraph } from "./run-graph.ts";

describe("under stop", () => {
  it("asks what runs to stop at once, starts nothing, and fails with the first error", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", async ({ delay }) => {
        await delay(10);
        throw new RangeError("broken");
      })
      .node("slow", ({ delay }) => delay(100))
      .node("next", { after: ["slow"], run: () => "never" });
    const error = await outcome(runGraph(graph, { clock, onEvent }));
    expect(error).toEqual(new RangeError("broken"));
    expect(lines).toEqual([
      "0 run-started 3",
      "0 slow started 1",
      "0 bad started 1",
      "10 bad failed 10: broken",
      "10 run-stopping broken",
      "10 next cancelled waiting",
      "10 slow cancelled running",
      "10 run-finished failed",
    ]);
    expect(clock.timerCount).toBe(0);
  });

  it("tells the nodes that stop why, and what is behind it", async () => {
    const { clock, outcome } = recorder();
    let reason: unknown;
    const graph = defineGraph()
      .node("bad", () => Promise.reject(new RangeError("broken")))
      .node("good", async ({ signal, delay }) => {
        await delay(5).catch(() => undefined);
        reason = signal.reason;
      });
    await outcome(runGraph(graph, { clock }));
    expect(reason).toMatchObject({
      code: "ORR_CANCELLED_GRAPH",
      message: "node bad failed: broken",
      cause: new RangeError("broken"),
    });
  });

  it("lets the others go on for the wait, but starts nothing that requires them", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const edges: readonly Edge<string>[] = [
      ...loneNodes("bad"),
      ["after", "quick"],
      ["far", "slow"],
    ];
    const delays: Readonly<Record<string, number>> = { bad: 10, quick: 25, slow: 90 };
    const settled = settleGraph(graphOf(edges), {
      clock,
      onEvent,
      errorWaitMs: (node) => (node === "slow" ? 50 : 20),
      run: async (node, { delay }) => {
        await delay(delays[node] ?? 0);
        if (node === "bad") throw new RangeError("broken");
        return node;
      },
    });
    expect(await outcome(settled)).toMatchObject({
      state: "failed",
      results: new Map([["quick", "quick"]]),
      errors: [new RangeError("broken")],
    });
    expect(lines.slice(4)).toEqual([
      "10 bad failed 10: broken",
      "10 run-stopping broken",
      "10 after cancelled waiting",
      "10 far cancelled waiting",
      "25 quick succeeded 25",
      "60 slow cancelled running",
      "60 run-finished failed",
    ]);
    expect(clock.timerCount).toBe(0);
  });

  it("does not make the wait longer for a second failure, and keeps its error", async () => {
    const { clock, lines, onEvent, outcome } = recorder();
    const delays: Readonly<Record<string, number>> = { one: 10, two: 20 };
    const settled = settleGraph(graphOf(loneNodes("one", "two", "slow")), {
      clock,
      onEvent,
      errorWaitMs: 25,
      run: async (node, { delay }) => {
        await delay(delays[node] ?? 1_000);
        throw new RangeError(node);
      },
    });
    expect(await outcome(settled)).toMatchObject({
      error: new RangeError("one"),
      errors: [new RangeError("one"), new RangeError("two")],
    });
    expect(lines).toContain("35 slow cancelled running");
  });

  it("gives no wait where its function fails, and keeps that error too", async () => {
    const { clock, outcome } = recorder();
    const run = (errorWaitMs: () => number) =>
      settleGraph(graphOf(loneNodes("bad", "other")), {
        clock,
        errorWaitMs,
        run: async (node, { delay }) => {
          if (node === "other") await delay(100);
          throw new RangeError(node);
        },
      });
    const throwing = run(() => {
      throw new TypeError("no idea");
    });
    expect(await outcome(throwing)).toMatchObject({
      errors: [new RangeError("bad"), new TypeError("no idea")],
    });
    expect(await outcome(run(() => -1))).toMatchObject({
      errors: [{}, { message: "errorWaitMs must be a number from 0 to 2147483647, not -1" }],
    });
    expect(clock.monotonicMs()).toBe(0);
  });

  it("keeps what a node throws of its own while it is asked to stop", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", () => Promise.reject(new RangeError("first")))
      .node("other", ({ delay }) =>
        delay(100).catch(() => {
          throw new TypeError("clean-up failed");
        }),
      );
    expect(await outcome(settleGraph(graph, { clock }))).toMatchObject({
      error: new RangeError("first"),
      errors: [new RangeError("first"), new TypeError("clean-up failed")],
    });
  });
});

describe("under isolate", () => {
  it("cancels what requires a failed node, runs all else, and fails with every error", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const edges: readonly Edge<string>[] = [
      ["b", "a"],
      ["c", "b"],
      ["c", "x"],
      ["y", "x"],
      ["z", "y"],
    ];
    const error = await outcome(
      runGraph(graphOf(edges), {
        clock,
        onEvent,
        onFailure: "isolate",
        run: async (node, { delay }) => {
          await delay(10);
          if (node === "a" || node === "z") throw new RangeError(node);
        },
      }),
    );
    expect(error).toBeInstanceOf(ExceptionGroup);
    expect(error).toMatchObject({ errors: [new RangeError("a"), new RangeError("z")] });
    expect(lines.filter((line) => !line.includes("started"))).toEqual([
      "10 a failed 10: a",
      "10 b cancelled waiting",
      "10 c cancelled waiting",
      "10 x succeeded 10",
      "20 y succeeded 10",
      "30 z failed 10: z",
      "30 run-finished failed",
    ]);
  });

  it("makes a group of one error too", async () => {
    const graph = defineGraph().node("a", () => Promise.reject(new RangeError("a")));
    await expect(runGraph(graph, { onFailure: "isolate" })).rejects.toThrow("['a']");
  });
});

describe("nodes that do not stop", () => {
  it("are given up after the grace period, and leave nothing of the run behind", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", ({ delay }) => delay(10).then(() => Promise.reject(new RangeError("broken"))))
      .node("deaf", () => deaf(clock, 10_000))
      .node("next", { requires: ["deaf"], run: () => "never" });
    const settled = settleGraph(graph, { clock, onEvent, graceMs: 300 });
    expect(await outcome(settled)).toMatchObject({
      error: new RangeError("broken"),
      errors: [new RangeError("broken")],
      results: {},
      outcomes: {
        deaf: { state: "abandoned", reason: { code: "ORR_CANCELLED_GRAPH" } },
        next: { state: "cancelled", wasStarted: false },
      },
    });
    expect(lines.slice(-2)).toEqual([
      "310 deaf abandoned 310: node bad failed: broken",
      "310 run-finished failed",
    ]);
    // The one timer left is the node's own; what it still does is not seen by anybody.
    expect(clock.timerCount).toBe(1);
    const told = lines.length;
    clock.advance(20_000);
    await nextTurn();
    expect(lines.length).toBe(told);
  });

  it("may fail after that without anybody noticing", async () => {
    const { clock, outcome } = recorder();
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const graph = defineGraph().node("deaf", async () => {
      await deaf(clock, 5_000);
      throw new RangeError("much later");
    });
    const signal = AbortSignal.abort(new RangeError("enough"));
    await outcome(runGraph(graph, { clock, signal }));
    await outcome(runGraph(graph, { clock, timeoutMs: 1, graceMs: 1 }));
    clock.advance(10_000);
    await nextTurn();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("that answer within the grace are cancelled, and what they answer is dropped", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", () => Promise.reject(new RangeError("broken")))
      .node("deaf", () => deaf(clock, 100));
    expect(await outcome(settleGraph(graph, { clock, graceMs: 200 }))).toMatchObject({
      results: {},
      outcomes: { deaf: { state: "cancelled", wasStarted: true } },
    });
    expect(clock.monotonicMs()).toBe(100);
  });

  it("hold up the end of a run even with no grace, until their turn is over", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", () => Promise.reject(new RangeError("broken")))
      .node("good", async ({ delay }) => delay(100).catch(() => "stopped"))
      .node("deaf", () => deaf(clock, 100));
    expect(await outcome(settleGraph(graph, { clock, graceMs: 0 }))).toMatchObject({
      outcomes: { good: { state: "cancelled" }, deaf: { state: "abandoned" } },
    });
  });
});
