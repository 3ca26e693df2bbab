/** Random graphs without cycles, and random work at their nodes, for properties. */

import fc from "fast-check";
import type { Edge } from "../../src/graph/graph.ts";

/** Nodes 0, 1, 2, … of which each requires some with lower numbers; mentioned in any order. */
export const acyclicEdges: fc.Arbitrary<readonly Edge<number>[]> = fc
  .array(fc.tuple(fc.nat(15), fc.nat(15)), { minLength: 1, maxLength: 50 })
  .map((pairs) => pairs.map(([one, other]): Edge<number> => edgeOf(one, other)));

function edgeOf(one: number, other: number): Edge<number> {
  return one === other ? [one, null] : [Math.max(one, other), Math.min(one, other)];
}

/** What each node of `acyclicEdges` takes and how it ends, by node. */
export const anyWork: fc.Arbitrary<readonly NodeWork[]> = fc.array(
  fc.record({
    durationMs: fc.integer({ min: 1, max: 9 }),
    priority: fc.integer({ min: 0, max: 2 }),
    /** Tries that fail before one succeeds. */
    failureCount: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      fc.integer({ min: 1, max: 3 }),
    ),
    retryLimit: fc.nat(2),
    isDeaf: fc.boolean(),
  }),
  { minLength: 16, maxLength: 16 },
);

/** Work of one node. */
export interface NodeWork {
  readonly durationMs: number;
  readonly priority: number;
  readonly failureCount: number;
  readonly retryLimit: number;
  readonly isDeaf: boolean;
}
