import fc from "fast-check";
import { expect, test } from "vitest";
import { claimedRun } from "../../test/engine/claimed-run.ts";
import { defineTask } from "../model/define-task.ts";
import { StopRequest } from "../model/stop-request.ts";
import type { HeldAttempt } from "./held-runs.ts";
import { RunBuffer } from "./run-buffer.ts";

const definition = defineTask({ name: "any", run: () => undefined });

function attempt(id: number): HeldAttempt {
  const run = claimedRun({ id });
  return { run, typeName: "any", definition, stop: new StopRequest() };
}

test("runs come out in the order in which they went in, however both are mixed", () => {
  const moves = fc.array(fc.constantFrom("add", "take", "take all"));
  fc.assert(
    fc.property(moves, (wanted) => {
      const buffer = new RunBuffer();
      const expected: number[] = [];
      wanted.forEach((move, index) => {
        if (move === "add") {
          buffer.add(attempt(index + 1), index);
          expected.push(index + 1);
        } else if (move === "take") {
          expect(buffer.take()?.run.id).toBe(expected.shift());
        } else {
          expect(buffer.takeAll().map(({ run }) => run.id)).toEqual(expected.splice(0));
        }
        expect(buffer.size).toBe(expected.length);
      });
    }),
  );
});

test("the age is that of the run that waits longest", () => {
  const buffer = new RunBuffer();
  expect(buffer.oldestMs(1_000)).toBe(0);
  buffer.add(attempt(1), 100);
  buffer.add(attempt(2), 300);
  expect(buffer.oldestMs(1_000)).toBe(900);
  buffer.take();
  expect(buffer.oldestMs(1_000)).toBe(700);
});
