import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeHeap } from "./node-heap.ts";

it("gives nothing when it is empty", () => {
  const heap = new NodeHeap();
  expect(heap.peek()).toBeUndefined();
  expect(heap.pop()).toBeUndefined();
});

it("gives entries by priority, equal ones by number, under any additions and removals", () => {
  const entry = fc.record({ node: fc.nat(20), priority: fc.integer({ min: -3, max: 3 }) });
  fc.assert(
    fc.property(fc.array(fc.option(entry, { freq: 3 }), { maxLength: 100 }), (steps) => {
      const heap = new NodeHeap();
      let model: { readonly node: number; readonly priority: number }[] = [];
      for (const step of steps) {
        if (step === null) {
          model.sort((a, b) => a.priority - b.priority || a.node - b.node);
          expect(heap.pop()).toEqual(model[0]);
          model = model.slice(1);
        } else {
          heap.push(step.node, step.priority);
          model.push(step);
        }
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});
