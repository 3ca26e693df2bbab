import { expect, test } from "vitest";
import { toId, type TaskTypeId } from "../kernel/ids.ts";
import { instantFromMillis } from "../kernel/instant.ts";
import type { ClaimBound } from "../model/claim-request.ts";
import { ClaimBounds } from "./claim-bounds.ts";

const [a, b] = [toId<TaskTypeId>(1, "a"), toId<TaskTypeId>(2, "b")];

function at(typeId: TaskTypeId, level: number, ms: number): ClaimBound {
  return { typeId, level, dueFrom: instantFromMillis(ms) };
}

function boundsOf(...known: readonly ClaimBound[]): ClaimBounds {
  const bounds = new ClaimBounds();
  for (const bound of known) bounds.set(bound);
  return bounds;
}

test("what is not known begins at the beginning", () => {
  expect(boundsOf(at(a, 1, 5)).find(a, 2)).toBeNull();
});

test("what has come in lowers the bounds that lie behind it, and no other", () => {
  const bounds = boundsOf(at(a, 1, 5), at(a, 2, 20), at(b, 1, 30));
  bounds.lower(instantFromMillis(10));
  expect(bounds.list()).toEqual([at(a, 1, 5), at(a, 2, 10), at(b, 1, 10)]);
  bounds.lower(undefined);
  expect(bounds.list()).toEqual([]);
});

test("types are forgotten with all their levels", () => {
  const bounds = boundsOf(at(a, 1, 5), at(a, 2, 20), at(b, 1, 30));
  bounds.deleteTypes(new Set([a]));
  expect(bounds.list()).toEqual([at(b, 1, 30)]);
});
