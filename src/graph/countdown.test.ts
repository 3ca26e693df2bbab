import fc from "fast-check";
import { expect, it } from "vitest";
import { Countdown } from "./countdown.ts";
import { graphOf, numberOf, targetsOf } from "./graph.ts";

const diamond = graphOf([
  ["left", "root"],
  ["right", "root"],
  ["end", "left"],
  ["end", "right"],
  ["end", "right"],
  ["alone", null],
]);

it("frees a node when the last one that it requires is done", () => {
  const free: string[] = [];
  const countdown = new Countdown(diamond, (number) => free.push(diamond.keys[number] ?? ""));
  expect(free).toEqual(["root", "alone"]);
  countdown.release(numberOf(diamond, "root"));
  expect(free.slice(2)).toEqual(["left", "right"]);
  countdown.release(numberOf(diamond, "right"));
  expect(free).toHaveLength(4);
  countdown.release(numberOf(diamond, "left"));
  expect(free.slice(4)).toEqual(["end"]);
});

it("frees every node of any graph without cycles once, after all that it requires", () => {
  const edge = fc.tuple(fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 80 }), (pairs) => {
      // From the larger to the smaller, so that there is no cycle.
      const graph = graphOf(
        pairs.map(([a, b]) => (a === b ? [a, null] : [Math.max(a, b), Math.min(a, b)])),
      );
      const free: number[] = [];
      const countdown = new Countdown(graph, (number) => free.push(number));
      const done = new Set<number>();
      for (const number of free) {
        expect([...targetsOf(graph.requires, number)].every((each) => done.has(each))).toBe(true);
        done.add(number);
        countdown.release(number);
      }
      expect(free).toHaveLength(graph.keys.length);
      expect(done.size).toBe(free.length);
    }),
  );
});
