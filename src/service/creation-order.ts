/**
 * Whether the tasks of one request can be stored at all, and in which order they are numbered: a
 * task behind its parent and behind what it requires, where those are named by a key of the same
 * request. Pure.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import { fieldIn, invalidField } from "../kernel/fields.ts";
import { shortestCycle } from "../graph/cycles.ts";
import { GraphBuilder } from "../graph/graph.ts";
import { orderOf } from "../graph/topological-order.ts";
import type { TaskReference, TaskRequest } from "./read-requests.ts";

/** Keys of a cycle that an error names. */
const cycleKeysMax = 20;

/** How the requests of a list hang together. */
export interface CreationOrder {
  /** Positions in the request, each behind those that it refers to. */
  readonly positions: readonly number[];
  /** Position of each key of the request. */
  readonly positionByKey: ReadonlyMap<string, number>;
}

/**
 * Orders requests; those that do not depend on each other stay in their order.
 * @throws InvalidInputError `ORR_INPUT_INVALID` when a key stands twice
 * @throws InvalidInputError `ORR_INPUT_CYCLE` naming the keys of the shortest cycle in order
 */
export function creationOrder(requests: readonly TaskRequest[]): CreationOrder {
  const positionByKey = positionsByKey(requests);
  const builder = new GraphBuilder<number>();
  // All by themselves first, so that they are numbered as they stand.
  for (const position of requests.keys()) builder.add([position, null]);
  for (const [position, request] of requests.entries()) {
    for (const needed of neededPositions(request, positionByKey)) builder.add([position, needed]);
  }
  const graph = builder.build();
  const positions = [...orderOf(graph)];
  if (positions.length === requests.length) return { positions, positionByKey };
  throw cycleError(requests, shortestCycle(graph)?.keys ?? []);
}

/** The references of a request, parent first. */
export function referencesOf(request: TaskRequest): readonly TaskReference[] {
  const required = request.requires.map((each) => each.task);
  return request.parent === undefined ? required : [request.parent, ...required];
}

function positionsByKey(requests: readonly TaskRequest[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, { key, field }] of requests.entries()) {
    if (key === null) continue;
    const earlier = positions.get(key);
    if (earlier !== undefined) {
      const first = fieldIn(requests[earlier]?.field ?? "", "key");
      throw invalidField(fieldIn(field, "key"), { expected: `unlike ${first}`, value: key });
    }
    positions.set(key, position);
  }
  return positions;
}

function neededPositions(
  request: TaskRequest,
  positionByKey: ReadonlyMap<string, number>,
): readonly number[] {
  return referencesOf(request).flatMap((reference) =>
    reference.kind === "key" ? (positionByKey.get(reference.key) ?? []) : [],
  );
}

function cycleError(requests: readonly TaskRequest[], cycle: readonly number[]): InvalidInputError {
  const ring = [...cycle, ...cycle.slice(0, 1)];
  const keys = ring.slice(0, cycleKeysMax).map((each) => requests[each]?.key ?? `#${each}`);
  const field = fieldIn(requests[ring[0] ?? 0]?.field ?? "", "requires");
  const shown = ring.length > keys.length ? [...keys, "…"] : keys;
  return new InvalidInputError(
    "ORR_INPUT_CYCLE",
    `these tasks wait for each other: ${shown.join(" → ")}`,
    { details: { field, value: keys[0] ?? null, cycle: keys } },
  );
}
