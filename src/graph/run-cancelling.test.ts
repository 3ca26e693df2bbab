/** Runs that are cancelled: by a signal, by time, by a listener, from within. */

import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { loneNodes, recorder } from "../../test/support/recorded-run.ts";
import { defineGraph } from "./graph-definition.ts";
import { graphOf } from "./graph.ts";
import { runGraph, settleGraph } from "./run-graph.ts";
import { TaskInterrupt } from "./task-interrupt.ts";

describe("cancelling from outside", () => {
  it("asks all nodes to stop at once, whatever the wait, and fails with the reason", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const controller = new AbortController();
    const graph = defineGraph()
      .node("slow", ({ delay }) => delay(1_000))
      .node("next", { requires: ["slow"], run: () => 1 });
    clock.schedule(20, () => controller.abort(new RangeError("enough")));
    const run = runGraph(graph, {
      clock,
      onEvent,
      errorWaitMs: 500,
      signal: controller.signal,
    });
    expect(getEventListeners(controller.signal, "abort").length).toBe(1);
    expect(await outcome(run)).toEqual(new RangeError("enough"));
    expect(lines.slice(2)).toEqual([
      "20 run-stopping enough",
      "20 next cancelled waiting",
      "20 slow cancelled running",
      "20 run-finished cancelled",
    ]);
    expect(getEventListeners(controller.signal, "abort").length).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it("before the start starts nothing", async () => {
    const { onEvent, lines, outcome } = recorder();
    const signal = AbortSignal.abort(new RangeError("enough"));
    const graph = defineGraph().node("a", () => 1);
    expect(await outcome(runGraph(graph, { onEvent, signal }))).toEqual(new RangeError("enough"));
    expect(lines.map((line) => line.slice(line.indexOf(" ") + 1))).toEqual([
      "run-started 1",
      "run-stopping enough",
      "a cancelled waiting",
      "run-finished cancelled",
    ]);
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });

  it("wins over the failure of a node, and cuts its wait short", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const controller = new AbortController();
    clock.schedule(30, () => controller.abort(new RangeError("enough")));
    const settled = settleGraph(graphOf(loneNodes("bad", "slow")), {
      clock,
      onEvent,
      errorWaitMs: 500,
      signal: controller.signal,
      run: async (node, { delay }) => {
        await delay(node === "bad" ? 10 : 1_000);
        throw new RangeError("broken");
      },
    });
    expect(await outcome(settled)).toMatchObject({
      state: "cancelled",
      error: new RangeError("enough"),
      errors: [new RangeError("broken")],
    });
    expect(lines).toContain("30 slow cancelled running");
  });

  it("happens by itself when the run takes too long", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("slow", ({ delay }) => delay(1_000))
      .node("next", { requires: ["slow"], run: () => 1 });
    const error = await outcome(runGraph(graph, { clock, onEvent, timeoutMs: 70 }));
    expect(error).toMatchObject({
      code: "ORR_TIMEOUT_GRAPH",
      message: "the graph took longer than 70 ms",
    });
    expect(lines.at(-1)).toBe("70 run-finished cancelled");
    expect(clock.timerCount).toBe(0);
  });

  it("happens when a node throws an interrupt, whatever the rule for failures", async () => {
    const { clock, outcome } = recorder();
    class Stop extends TaskInterrupt {}
    const graph = defineGraph()
      .node("a", () => Promise.reject(new Stop("stop all")))
      .node("slow", ({ delay }) => delay(1_000));
    const settled = settleGraph(graph, { clock, onFailure: "isolate", errorWaitMs: 100 });
    expect(await outcome(settled)).toMatchObject({
      state: "cancelled",
      error: { message: "stop all" },
      outcomes: { slow: { state: "cancelled", wasStarted: true } },
    });
    expect(clock.monotonicMs()).toBe(0);
  });

  it.each(["run-started", "started", "progress", "succeeded", "run-finished"])(
    "happens when the listener throws at %s",
    async (kind) => {
      const { clock, outcome } = recorder();
      const graph = defineGraph()
        .node("a", ({ progress }) => progress(0.5))
        .node("slow", ({ delay }) => delay(1_000))
        .node("next", { requires: ["slow"], run: () => 1 });
      const { signal } = new AbortController();
      const settled = settleGraph(graph, {
        clock,
        signal,
        timeoutMs: 10_000,
        onEvent: (event) => {
          if (event.kind === kind) throw new RangeError(kind);
        },
      });
      expect(await outcome(settled)).toMatchObject({
        state: "cancelled",
        error: new RangeError(kind),
        outcomes: { next: { state: kind === "run-finished" ? "succeeded" : "cancelled" } },
      });
      expect(clock.timerCount).toBe(0);
      expect(getEventListeners(signal, "abort").length).toBe(0);
    },
  );

  it("by a node's own hand stops the run when the node is done", async () => {
    const { clock, outcome } = recorder();
    const controller = new AbortController();
    const graph = defineGraph()
      .node("a", () => {
        controller.abort(new RangeError("from within"));
        return 1;
      })
      .node("b", { requires: ["a"], run: () => 2 });
    const settled = settleGraph(graph, { clock, signal: controller.signal });
    expect(await outcome(settled)).toMatchObject({
      state: "cancelled",
      results: { a: 1 },
      outcomes: { b: { state: "cancelled", wasStarted: false } },
    });
  });
});
