/** Laws of runs, on random graphs with random work under the manual clock. */

import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acyclicEdges, anyWork, type NodeWork } from "../../test/support/random-graphs.ts";
import { recorder } from "../../test/support/recorded-run.ts";
import { delay as delayOn } from "../kernel/clock.ts";
import { createRng } from "../kernel/rng.ts";
import { criticalPath } from "./critical-path.ts";
import type { GraphEvent } from "./graph-event.ts";
import { type Edge, type Graph, graphOf, keysAt, numberOf, targetsOf } from "./graph.ts";
import { planGraph } from "./graph-plan.ts";
import { type RunNodesOptions, runGraph, settleGraph } from "./run-graph.ts";

const noWork: NodeWork = {
  durationMs: 1,
  priority: 0,
  failureCount: 0,
  retryLimit: 0,
  isDeaf: false,
};

const anyConcurrency = fc.integer({ min: 1, max: 5 });
const anyFailureRule = fc.constantFrom("stop" as const, "isolate" as const);

interface Case {
  readonly edges: readonly Edge<number>[];
  readonly work: readonly NodeWork[];
  readonly concurrency: number;
}

function requiredBy(graph: Graph<number>, node: number): readonly number[] {
  return keysAt(graph, targetsOf(graph.requires, numberOf(graph, node)));
}

/** Runs the case; nodes fail and are deaf as their work says. */
async function play(given: Case, more: Partial<RunNodesOptions<number, number>> = {}) {
  const { clock, onEvent, lines, outcome } = recorder();
  const events: GraphEvent<number>[] = [];
  const graph = graphOf(given.edges);
  const workOf = (node: number): NodeWork => given.work[node] ?? noWork;
  const settled = settleGraph(graph, {
    clock,
    rng: createRng(7),
    concurrency: given.concurrency,
    graceMs: 6,
    settings: (node) => {
      const { durationMs, priority, retryLimit } = workOf(node);
      return { estimateMs: durationMs, priority, retry: { limit: retryLimit, delayMs: 3 } };
    },
    onEvent: (event) => {
      events.push(event);
      onEvent(event);
    },
    run: async (node, { attempt, delay }) => {
      const { durationMs, failureCount, isDeaf } = workOf(node);
      await (isDeaf ? delayOn(clock, durationMs) : delay(durationMs));
      if (attempt <= failureCount) throw new RangeError(`${node} ${attempt}`);
      return node;
    },
    ...more,
  });
  const error = await outcome(settled);
  expect(error).not.toBeInstanceOf(Error);
  return { graph, clock, events, lines, settled: await settled };
}

const anyCase = fc.record({ edges: acyclicEdges, work: anyWork, concurrency: anyConcurrency });
const healthy = anyWork.map((all) => all.map((each) => ({ ...each, failureCount: 0 })));
const healthyCase = fc.record({ edges: acyclicEdges, work: healthy, concurrency: anyConcurrency });

describe("whatever fails", () => {
  it("no node starts before all that it requires has succeeded", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, async (given, onFailure) => {
        const { graph, events } = await play(given, { onFailure });
        const done = new Set<number>();
        for (const event of events) {
          if (event.kind === "succeeded") done.add(event.node);
          if (event.kind !== "started") continue;
          for (const other of requiredBy(graph, event.node)) expect(done.has(other)).toBe(true);
        }
      }),
    );
  });

  it("each node starts once for each try, and ends once", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, async (given, onFailure) => {
        const { graph, events } = await play(given, { onFailure });
        const ends = ["succeeded", "failed", "cancelled", "abandoned"];
        for (const key of graph.keys) {
          const own = events.filter((event) => "node" in event && event.node === key);
          const attempts = own.flatMap((event) => (event.kind === "started" ? event.attempt : []));
          expect(attempts).toEqual(attempts.map((_, index) => index + 1));
          expect(own.filter(({ kind }) => ends.includes(kind)).length).toBe(1);
          expect(ends).toContain(own.at(-1)?.kind);
        }
      }),
    );
  });

  it("never more nodes run than the limit, and no slot stays empty for a ready node", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { graph, events } = await play(given, { onFailure: "isolate" });
        const running = new Set<number>();
        const waiting = new Set(graph.keys);
        const done = new Set<number>();
        for (const [index, event] of events.entries()) {
          if ("node" in event && event.kind !== "progress") running.delete(event.node);
          if (event.kind === "started") running.add(event.node);
          if (event.kind === "succeeded") done.add(event.node);
          if ("node" in event) waiting.delete(event.node);
          expect(running.size).toBeLessThanOrEqual(given.concurrency);
          const next = events[index + 1];
          const isQuiet = next === undefined || next.atMs > event.atMs;
          if (!isQuiet || running.size === given.concurrency) continue;
          // Time goes on with a free slot: then nothing that could run may wait.
          for (const node of waiting) {
            expect(requiredBy(graph, node).every((other) => done.has(other))).toBe(false);
          }
        }
      }),
    );
  });

  it("the run leaves no timer and no listener, and no node of its own running", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, fc.nat(40), async (given, onFailure, timeoutMs) => {
        const { signal } = new AbortController();
        const work = given.work.map((each) => ({ ...each, isDeaf: false }));
        const { clock, settled, graph } = await play(
          { ...given, work },
          { onFailure, signal, timeoutMs },
        );
        expect(clock.timerCount).toBe(0);
        expect(getEventListeners(signal, "abort").length).toBe(0);
        expect(settled.outcomes.size).toBe(graph.keys.length);
      }),
    );
  });

  it("the run is over at most a grace period after it began to stop", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { events } = await play(given);
        const stopping = events.find(({ kind }) => kind === "run-stopping");
        const finished = events.at(-1);
        if (stopping === undefined) return;
        expect((finished?.atMs ?? Infinity) - stopping.atMs).toBeLessThanOrEqual(6);
        const later = events.slice(events.indexOf(stopping));
        expect(later.some(({ kind }) => kind === "started")).toBe(false);
      }),
    );
  });

  it("under isolate exactly what requires a failed node has not run", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { graph, settled } = await play(given, { onFailure: "isolate" });
        const isBad = ({ failureCount, retryLimit }: NodeWork): boolean =>
          failureCount > retryLimit;
        const stateOf = (node: number): string => {
          const requiredOnes = requiredBy(graph, node).map(stateOf);
          if (requiredOnes.some((state) => state !== "succeeded")) return "cancelled";
          return isBad(given.work[node] ?? noWork) ? "failed" : "succeeded";
        };
        for (const node of graph.keys)
          expect(settled.outcomes.get(node)?.state).toBe(stateOf(node));
        const failedCount = graph.keys.filter((node) => stateOf(node) === "failed").length;
        expect(settled.errors.length).toBe(failedCount);
      }),
    );
  });

  it("a listener that throws, whenever it does, cancels the run and loses no node", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, fc.nat(60), async (given, onFailure, at) => {
        const work = given.work.map((each) => ({ ...each, isDeaf: false }));
        let count = 0;
        const { clock, graph, settled } = await play(
          { ...given, work },
          {
            onFailure,
            errorWaitMs: 4,
            settings: () => ({ timeoutMs: 8, retry: { limit: 1, delayMs: 3 } }),
            onEvent: () => {
              count += 1;
              if (count > at) throw new RangeError("the listener is broken");
            },
          },
        );
        const isTold = count > at;
        if (isTold) expect(settled.error).toEqual(new RangeError("the listener is broken"));
        expect(settled.state === "cancelled").toBe(isTold);
        expect([...settled.outcomes.keys()]).toEqual(graph.keys);
        expect([...settled.outcomes.values()]).not.toContain(undefined);
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("a listener that aborts the run in the middle of anything does the same", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, fc.nat(60), async (given, onFailure, at) => {
        const work = given.work.map((each) => ({ ...each, isDeaf: false }));
        const controller = new AbortController();
        let count = 0;
        const { clock, settled } = await play(
          { ...given, work },
          {
            onFailure,
            signal: controller.signal,
            settings: () => ({ timeoutMs: 8, retry: { limit: 1, delayMs: 3 } }),
            onEvent: ({ kind }) => {
              count += 1;
              if (count === at && kind !== "run-finished") controller.abort(new RangeError("off"));
            },
          },
        );
        if (controller.signal.aborted) expect(settled.error).toEqual(new RangeError("off"));
        expect([...settled.outcomes.values()]).not.toContain(undefined);
        expect(clock.timerCount).toBe(0);
        expect(getEventListeners(controller.signal, "abort").length).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("the same run happens again, event for event", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyFailureRule, async (given, onFailure) => {
        const [first, second] = [
          await play(given, { onFailure }),
          await play(given, { onFailure }),
        ];
        expect(second.lines).toEqual(first.lines);
      }),
    );
  });
});

describe("when all goes well", () => {
  it("without a limit the run takes as long as the critical path", async () => {
    await fc.assert(
      fc.asyncProperty(healthyCase, async (given) => {
        const { graph, events } = await play({ ...given, concurrency: 1_000 });
        const path = criticalPath(graph, (node) => given.work[node]?.durationMs ?? 0);
        expect(events.at(-1)?.atMs).toBe(path.weight);
      }),
    );
  });

  it("one at a time the nodes go in a topological order without a pause", async () => {
    await fc.assert(
      fc.asyncProperty(healthyCase, async (given) => {
        const { graph, events } = await play({ ...given, concurrency: 1 });
        const order = events.flatMap((event) => (event.kind === "started" ? event.node : []));
        for (const [place, node] of order.entries()) {
          for (const other of requiredBy(graph, node))
            expect(order.slice(0, place)).toContain(other);
        }
        expect(order.length).toBe(graph.keys.length);
        expect(events.at(-1)?.atMs).toBe(planGraph(graph, planOf(given)).workMs);
      }),
    );
  });

  const planOf = ({ work }: Case) => ({
    settings: (node: number) => ({
      estimateMs: work[node]?.durationMs ?? 0,
      priority: work[node]?.priority ?? 0,
    }),
  });

  it("goes exactly as planned, forwards and in reverse", async () => {
    await fc.assert(
      fc.asyncProperty(healthyCase, fc.boolean(), async (given, reverse) => {
        const { events, graph } = await play(given, { reverse });
        const { concurrency } = given;
        const plan = planGraph(graph, { ...planOf(given), concurrency, reverse });
        const planned = new Map(plan.waves.flat().map((each) => [each.node, each]));
        expect(planned.size).toBe(graph.keys.length);
        for (const event of events) {
          if (event.kind === "started") {
            expect(event.atMs).toBe(planned.get(event.node)?.startMs);
          }
          if (event.kind === "succeeded") {
            expect(event.atMs).toBe(planned.get(event.node)?.finishMs);
          }
        }
        expect(events.at(-1)?.atMs).toBe(plan.finishMs);
      }),
    );
  });

  it("answers the result of every node", async () => {
    await fc.assert(
      fc.asyncProperty(acyclicEdges, async (edges) => {
        const graph = graphOf(edges);
        const results = await runGraph(graph, { run: async (node) => node * 2 });
        expect(results).toEqual(new Map(graph.keys.map((node) => [node, node * 2])));
      }),
    );
  });
});
