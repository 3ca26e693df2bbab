import fc from "fast-check";
import { expect, test } from "vitest";
import { OrreryError } from "../kernel/errors.ts";
import { creationOrder } from "./creation-order.ts";
import { readTaskRequest, type TaskRequest } from "./read-requests.ts";

interface Shape {
  readonly key: string;
  readonly requires?: readonly string[];
  readonly parentKey?: string;
}

function requestsOf(shapes: readonly Shape[]): readonly TaskRequest[] {
  return shapes.map(({ key, requires = [], ...rest }, index) =>
    readTaskRequest(
      { type: "t", key, requires: requires.map((each) => ({ key: each })), ...rest },
      `tasks[${index}]`,
    ),
  );
}

function refusal(shapes: readonly Shape[]): OrreryError {
  try {
    creationOrder(requestsOf(shapes));
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("tasks that name nothing of their request stay in order", () => {
  const order = creationOrder(requestsOf([{ key: "a", requires: ["stored"] }, { key: "b" }]));
  expect(order.positions).toEqual([0, 1]);
});

test("a task comes after its parent and after what it requires", () => {
  const { positions } = creationOrder(
    requestsOf([
      { key: "report", requires: ["load", "clean"], parentKey: "tree" },
      { key: "clean", requires: ["load", "load"] },
      { key: "load" },
      { key: "tree" },
    ]),
  );
  expect(positions).toEqual([2, 1, 3, 0]);
});

test("a cycle is refused with its keys in order, without those that only lead to it", () => {
  const error = refusal([
    { key: "lead", requires: ["a"] },
    { key: "a", requires: ["b"] },
    { key: "b", parentKey: "c" },
    { key: "c", requires: ["a"] },
    { key: "free" },
  ]);
  expect(error.code).toBe("ORR_INPUT_CYCLE");
  expect(error.details["cycle"]).toEqual(["a", "b", "c", "a"]);
  expect(error.details["field"]).toBe("tasks[1].requires");
  expect(error.message).toBe("these tasks wait for each other: a → b → c → a");
});

test("a task that requires itself is a cycle of one", () => {
  expect(refusal([{ key: "a", requires: ["a"] }]).details["cycle"]).toEqual(["a", "a"]);
});

test("a key that stands twice is refused with both places", () => {
  const error = refusal([{ key: "a" }, { key: "b" }, { key: "a" }]);
  expect(error.message).toBe('tasks[2].key must be unlike tasks[0].key, not "a"');
});

test("requests that refer only to smaller numbers are ordered, whatever their order", () => {
  const graph = fc
    .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
    .chain((edges) => fc.tuple(fc.constant(edges), shuffled(edges.length)));
  fc.assert(
    fc.property(graph, ([edges, places]) => {
      const shapes = places.map((number) => ({
        key: `k${number}`,
        requires: (edges[number] ?? []).filter(() => number > 0).map((each) => `k${each % number}`),
      }));
      const { positions } = creationOrder(requestsOf(shapes));
      const placeOf = new Map(positions.map((each, place) => [shapes[each]?.key, place]));
      expect(placeOf.size).toBe(shapes.length);
      for (const { key, requires } of shapes) {
        for (const each of requires) {
          expect(placeOf.get(each)).toBeLessThan(placeOf.get(key) ?? -1);
        }
      }
    }),
  );
});

function shuffled(length: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length }, (_, index) => index),
    { minLength: length },
  );
}

test("ten thousand tasks in a row are ordered without recursion", () => {
  const shapes = Array.from({ length: 10_000 }, (_, index) => ({
    key: `k${index}`,
    requires: index === 0 ? [] : [`k${index - 1}`],
  }));
  expect(creationOrder(requestsOf(shapes)).positions).toHaveLength(10_000);
});
