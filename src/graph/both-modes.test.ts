/**
 * What the two modes have in common. The same work is done by a stepped group, in which a node
 * takes a number of steps, and by an async run, in which it takes as many milliseconds: the same
 * nodes must start, succeed and fail, and the same error come out.
 *
 * Failures fall on odd times and all else on even ones: within one turn the modes differ, since a
 * group finishes its round before it looks at failures and a run has no rounds.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acyclicEdges } from "../../test/support/random-graphs.ts";
import { recorder } from "../../test/support/recorded-run.ts";
import { DependencyTaskGroup } from "./dependency-task-group.ts";
import { Dependencies } from "./dependencies.ts";
import type { Edge } from "./graph.ts";
import { settleGraph } from "./run-graph.ts";

interface Work {
  readonly edges: readonly Edge<number>[];
  /** By node. */
  readonly durations: readonly number[];
  readonly failing: ReadonlySet<number>;
  readonly reverse: boolean;
}

type Ends = Readonly<Record<string, string>>;

const anyDurations = fc.array(
  fc.integer({ min: 1, max: 6 }).map((half) => 2 * half),
  { minLength: 16, maxLength: 16 },
);

const workWith = (failing: fc.Arbitrary<ReadonlySet<number>>): fc.Arbitrary<Work> =>
  fc.record({ edges: acyclicEdges, durations: anyDurations, failing, reverse: fc.boolean() });
const oneFails = workWith(fc.nat(15).map((node) => new Set([node])));
const someFail = workWith(fc.array(fc.nat(15), { maxLength: 4 }).map((nodes) => new Set(nodes)));

const lengthOf = ({ durations, failing }: Work, node: number): number =>
  (durations[node] ?? 2) - (failing.has(node) ? 1 : 0);

/** Steps a group to its end. */
function stepped(
  work: Work,
  aggregateExceptions: boolean,
): { readonly ends: Ends; readonly error: unknown } {
  const group = new DependencyTaskGroup(new Dependencies(work.edges), {
    *task(node: number) {
      for (let step = 0; step < lengthOf(work, node); step += 1) yield;
      if (work.failing.has(node)) throw new RangeError(`node ${node}`);
    },
    reverse: work.reverse,
    aggregateExceptions,
  });
  let error: unknown;
  try {
    for (const _ of group.run()) continue;
  } catch (thrown) {
    error = thrown;
  }
  const entries = Array.from(group.nodes, ([node, { started, outcome }]) => {
    const wasStarted = started ? "started" : "not started";
    return [node, `${outcome.state}, ${wasStarted}`];
  });
  return { ends: Object.fromEntries(entries), error };
}

/** Runs the same on a manual clock. */
async function run(
  work: Work,
  onFailure: "stop" | "isolate",
): Promise<{ readonly ends: Ends; readonly error: unknown }> {
  const { clock, outcome } = recorder();
  const settling = settleGraph(new Dependencies(work.edges), {
    clock,
    onFailure,
    reverse: work.reverse,
    run: async (node, { delay }) => {
      await delay(lengthOf(work, node));
      if (work.failing.has(node)) throw new RangeError(`node ${node}`);
    },
  });
  await outcome(settling);
  const { outcomes, error } = await settling;
  const entries = Array.from(outcomes, ([node, end]) => {
    const wasStarted = end.state !== "cancelled" || end.wasStarted;
    return [node, `${end.state}, ${wasStarted ? "started" : "not started"}`];
  });
  return { ends: Object.fromEntries(entries), error };
}

describe("a stepped group and an async run", () => {
  it("end every node alike and fail with the same error when a failure stops them", async () => {
    await fc.assert(
      fc.asyncProperty(oneFails, async (work) => {
        expect(await run(work, "stop")).toEqual(stepped(work, false));
      }),
    );
  });

  it("end every node alike and collect the same errors when failures are isolated", async () => {
    await fc.assert(
      fc.asyncProperty(someFail, async (work) => {
        const [asRun, asSteps] = [await run(work, "isolate"), stepped(work, true)];
        expect(asRun.ends).toEqual(asSteps.ends);
        expect(messagesOf(asRun.error)).toEqual(messagesOf(asSteps.error));
      }),
    );
  });
});

/** The texts of a group's errors; those of one turn may come in either order. */
function messagesOf(error: unknown): readonly string[] {
  return error instanceof AggregateError ? error.errors.map(String).toSorted() : [];
}
