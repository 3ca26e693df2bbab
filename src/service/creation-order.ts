/**
 * The order in which the tasks of one request can be stored: a task comes after its parent and
 * after what it requires, where those are named by a key of the same request. Pure.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import { fieldIn, invalidField } from "../kernel/fields.ts";
import type { TaskReference, TaskRequest } from "./read-requests.ts";

/** Keys of a cycle that an error names. */
const cycleKeysMax = 20;

/** Requests in layers: each refers only to tasks of earlier layers, or to stored ones. */
export interface CreationOrder {
  /** Positions in the request. */
  readonly layers: readonly (readonly number[])[];
  /** Position of each key of the request. */
  readonly positionByKey: ReadonlyMap<string, number>;
}

/**
 * Sorts requests into layers, as few as there can be.
 * @throws InvalidInputError `ORR_INPUT_INVALID` when a key stands twice
 * @throws InvalidInputError `ORR_INPUT_CYCLE` naming the keys of a cycle in order
 */
export function creationOrder(requests: readonly TaskRequest[]): CreationOrder {
  const positionByKey = positionsByKey(requests);
  const neededBy = requests.map((request) => neededPositions(request, positionByKey));
  const layers: number[][] = [];
  const placed = new Set<number>();
  const waitingCounts = neededBy.map((needed) => needed.length);
  const dependents = invert(neededBy);
  let layer = waitingCounts.flatMap((count, position) => (count === 0 ? [position] : []));
  while (layer.length > 0) {
    layers.push(layer);
    const next: number[] = [];
    for (const position of layer) {
      placed.add(position);
      for (const dependent of dependents[position] ?? []) {
        const left = (waitingCounts[dependent] ?? 0) - 1;
        waitingCounts[dependent] = left;
        if (left === 0) next.push(dependent);
      }
    }
    layer = next.toSorted((left, right) => left - right);
  }
  if (placed.size < requests.length) throw cycleError({ requests, neededBy, placed });
  return { layers, positionByKey };
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

/** Without repetitions, so that each is waited for once. */
function neededPositions(
  request: TaskRequest,
  positionByKey: ReadonlyMap<string, number>,
): readonly number[] {
  const needed = new Set<number>();
  for (const reference of referencesOf(request)) {
    if (reference.kind !== "key") continue;
    const position = positionByKey.get(reference.key);
    if (position !== undefined) needed.add(position);
  }
  return [...needed];
}

function invert(neededBy: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const dependents: number[][] = neededBy.map(() => []);
  for (const [position, needed] of neededBy.entries()) {
    for (const each of needed) dependents[each]?.push(position);
  }
  return dependents;
}

/** What was not placed waits for something that was not: following that ends in a ring. */
function cycleError(state: {
  readonly requests: readonly TaskRequest[];
  readonly neededBy: readonly (readonly number[])[];
  readonly placed: ReadonlySet<number>;
}): InvalidInputError {
  const { requests, neededBy, placed } = state;
  const path: number[] = [];
  const seenAt = new Map<number, number>();
  let position: number | undefined = requests.findIndex((_, each) => !placed.has(each));
  while (position !== undefined && !seenAt.has(position)) {
    seenAt.set(position, path.length);
    path.push(position);
    position = neededBy[position]?.find((each) => !placed.has(each));
  }
  const start = position === undefined ? 0 : (seenAt.get(position) ?? 0);
  const ring = [...path.slice(start), ...(position === undefined ? [] : [position])];
  const keys = ring.slice(0, cycleKeysMax).map((each) => requests[each]?.key ?? `#${each}`);
  const field = fieldIn(requests[ring[0] ?? 0]?.field ?? "", "requires");
  const shown = ring.length > keys.length ? [...keys, "…"] : keys;
  return new InvalidInputError(
    "ORR_INPUT_CYCLE",
    `these tasks wait for each other: ${shown.join(" → ")}`,
    { details: { field, value: keys[0] ?? null, cycle: keys } },
  );
}
