/** Time-outs of nodes, and tries after tries. */

import { describe, expect, it } from "vitest";
import { deaf, loneNodes, recorder } from "../../test/support/recorded-run.ts";
import { createRng } from "../kernel/rng.ts";
import { defineGraph } from "./graph-definition.ts";
import { graphOf } from "./graph.ts";
import { runGraph, settleGraph } from "./run-graph.ts";

describe("time-out of a node", () => {
  it("asks it to stop, and is what it failed with", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph().node("slow", { timeoutMs: 50, run: ({ delay }) => delay(1_000) });
    expect(await outcome(runGraph(graph, { clock, onEvent }))).toMatchObject({
      code: "ORR_TIMEOUT_NODE",
      message: "node slow took longer than 50 ms",
    });
    expect(lines.slice(2)).toEqual([
      "50 slow timed-out 50",
      "50 slow failed 50: node slow took longer than 50 ms",
      "50 run-stopping node slow took longer than 50 ms",
      "50 run-finished failed",
    ]);
    expect(clock.timerCount).toBe(0);
  });

  it("does not take back the result of a node that answers all the same", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph()
      .node("stubborn", {
        timeoutMs: 50,
        run: ({ delay, signal }) => delay(1_000).catch(() => `done, ${signal.aborted}`),
      })
      .node("next", { requires: ["stubborn"], run: ({ results }) => results.stubborn });
    expect(await outcome(runGraph(graph, { clock }))).toMatchObject({ next: "done, true" });
  });

  it("lets what the node throws of its own count", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph().node("slow", {
      timeoutMs: 50,
      run: ({ delay }) => delay(1_000).catch(() => Promise.reject(new RangeError("half done"))),
    });
    expect(await outcome(runGraph(graph, { clock }))).toEqual(new RangeError("half done"));
  });

  it("gives up on a node that does not stop, which is a failure", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph()
      .node("deaf", { timeoutMs: 50, run: () => deaf(clock, 10_000) })
      .node("next", { requires: ["deaf"], run: () => 1 })
      .node("other", () => 2);
    const settled = settleGraph(graph, { clock, graceMs: 25, onFailure: "isolate" });
    expect(await outcome(settled)).toMatchObject({
      errors: [{ code: "ORR_TIMEOUT_NODE" }],
      results: { other: 2 },
      outcomes: {
        deaf: { state: "abandoned", reason: { code: "ORR_TIMEOUT_NODE" } },
        next: { state: "cancelled", wasStarted: false },
      },
    });
    expect(clock.monotonicMs()).toBe(75);
  });

  it("is not looked at once the run wants the node to stop", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("bad", ({ delay }) => delay(10).then(() => Promise.reject(new RangeError("broken"))))
      .node("deaf", { timeoutMs: 50, run: () => deaf(clock, 10_000) });
    await outcome(runGraph(graph, { clock, onEvent, graceMs: 500 }));
    expect(lines.join("\n")).not.toContain("timed-out");
    expect(lines.at(-2)).toBe("510 deaf abandoned 510: node bad failed: broken");
  });
});

describe("retries", () => {
  const retry = { limit: 2, delayMs: 100, factor: 2, jitter: 0 };

  it("try again after growing delays, each with a signal of its own", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const signals = new Set<AbortSignal>();
    const graph = defineGraph().node("flaky", {
      retry,
      run: async ({ attempt, delay, signal }) => {
        signals.add(signal);
        await delay(10);
        if (attempt < 3) throw new RangeError(`try ${attempt}`);
        return attempt;
      },
    });
    expect(await outcome(runGraph(graph, { clock, onEvent }))).toEqual({ flaky: 3 });
    expect(signals.size).toBe(3);
    expect(lines).toEqual([
      "0 run-started 1",
      "0 flaky started 1",
      "10 flaky retrying 1 in 100: try 1",
      "110 flaky started 2",
      "120 flaky retrying 2 in 200: try 2",
      "320 flaky started 3",
      "330 flaky succeeded 330",
      "330 run-finished succeeded",
    ]);
  });

  it("are used up, and the last error counts", async () => {
    const { clock, outcome } = recorder();
    const graph = defineGraph().node("bad", {
      retry,
      run: ({ attempt }) => Promise.reject(new RangeError(`try ${attempt}`)),
    });
    expect(await outcome(runGraph(graph, { clock }))).toEqual(new RangeError("try 3"));
    expect(clock.monotonicMs()).toBe(300);
  });

  it("leave the place of a resting node to others, and take their turn by rank", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    await outcome(
      runGraph(graphOf(loneNodes("flaky", "other", "last")), {
        clock,
        onEvent,
        concurrency: 1,
        settings: (node) => (node === "flaky" ? { retry: { ...retry, limit: 1 } } : {}),
        run: async (node, { attempt, delay }) => {
          await delay(150);
          if (node === "flaky" && attempt === 1) throw new RangeError("once");
        },
      }),
    );
    expect(lines.filter((line) => line.includes(" started "))).toEqual([
      "0 flaky started 1",
      "150 other started 1",
      "300 flaky started 2",
      "450 last started 1",
    ]);
  });

  it("spread by chance that a seed repeats", async () => {
    const told = async (seed: number): Promise<string | undefined> => {
      const { clock, onEvent, lines, outcome } = recorder();
      const graph = defineGraph().node("bad", {
        retry: { limit: 1, delayMs: 100, jitter: 1 },
        run: () => Promise.reject(new RangeError("bad")),
      });
      await outcome(runGraph(graph, { clock, onEvent, rng: createRng(seed) }));
      return lines[2];
    };
    expect(await told(1)).toBe(await told(1));
    expect(await told(1)).not.toBe(await told(2));
  });

  it("end when the node's time is over, also while it rests or waits for its turn", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("flaky", {
        retry: { limit: 5, delayMs: 40, factor: 1, jitter: 0 },
        timeoutMs: 100,
        run: () => Promise.reject(new RangeError("again")),
      })
      .node("long", ({ delay }) => delay(1_000));
    await outcome(runGraph(graph, { clock, onEvent, concurrency: 1, onFailure: "isolate" }));
    expect(lines.slice(2)).toEqual([
      "0 flaky retrying 1 in 40: again",
      "0 long started 1",
      "100 flaky timed-out 100",
      "100 flaky failed 100: node flaky took longer than 100 ms",
      "1000 long succeeded 1000",
      "1000 run-finished failed",
    ]);
    expect(clock.timerCount).toBe(0);
  });

  it("end when another node fails", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const graph = defineGraph()
      .node("flaky", { retry, run: () => Promise.reject(new RangeError("again")) })
      .node("bad", ({ delay }) => delay(50).then(() => Promise.reject(new RangeError("broken"))));
    expect(await outcome(runGraph(graph, { clock, onEvent }))).toEqual(new RangeError("broken"));
    expect(lines.slice(-2)).toEqual(["50 flaky cancelled running", "50 run-finished failed"]);
    expect(clock.timerCount).toBe(0);
  });
});
