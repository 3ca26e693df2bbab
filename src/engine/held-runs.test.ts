import { expect, test } from "vitest";
import { claimedRun } from "../../test/engine/claimed-run.ts";
import { defineTask } from "../model/define-task.ts";
import type { ClaimedRun } from "../model/run.ts";
import { StopRequest } from "../model/stop-request.ts";
import { type HeldAttempt, HeldRuns } from "./held-runs.ts";

const definition = defineTask({ name: "any", run: () => undefined });

function attemptOf(run: ClaimedRun): HeldAttempt {
  return { run, typeName: "any", definition, stop: new StopRequest() };
}

test("a claim is emptied once, when the last of its runs is taken out", () => {
  const held = new HeldRuns();
  const [one, two] = [claimedRun({ id: 1, fence: 7 }), claimedRun({ id: 2, fence: 7 })];
  held.add(attemptOf(one));
  held.add(attemptOf(two));
  expect(held.remove(one)).toBe(true);
  expect(held.takeEmptied()).toEqual([]);
  expect(held.remove(two)).toBe(true);
  expect(held.takeEmptied()).toEqual([{ fence: 7, overCount: 2 }]);
  expect(held.takeEmptied()).toEqual([]);
});

test("a run held under two tokens is two entries", () => {
  const held = new HeldRuns();
  const [old, current] = [claimedRun({ id: 1, fence: 7 }), claimedRun({ id: 1, fence: 8 })];
  held.add(attemptOf(old));
  held.add(attemptOf(current));
  expect(held.count).toBe(2);
  expect(held.fences()).toEqual([7, 8]);
  held.remove(old);
  expect(held.find(old)).toBeUndefined();
  expect(held.find(current)?.run).toBe(current);
});

test("what is taken out twice, or was never in, changes nothing", () => {
  const held = new HeldRuns();
  const run = claimedRun({ id: 1, fence: 7 });
  expect(held.remove(run)).toBe(false);
  held.add(attemptOf(run));
  held.add(attemptOf(run));
  expect(held.count).toBe(1);
  expect(held.remove(run)).toBe(true);
  expect(held.remove(run)).toBe(false);
  expect(held.count).toBe(0);
});

test("claims that could not be forgotten are offered again", () => {
  const held = new HeldRuns();
  const run = claimedRun({ id: 1, fence: 7 });
  held.add(attemptOf(run));
  held.remove(run);
  held.returnEmptied(held.takeEmptied());
  expect(held.takeEmptied()).toEqual([{ fence: 7, overCount: 1 }]);
});

test("a run that is lost does not count as over", () => {
  const held = new HeldRuns();
  const [one, two] = [claimedRun({ id: 1, fence: 7 }), claimedRun({ id: 2, fence: 7 })];
  held.add(attemptOf(one));
  held.add(attemptOf(two));
  held.remove(one);
  expect(held.remove(one)).toBe(false);
  held.giveUp(two);
  expect(held.takeEmptied()).toEqual([{ fence: 7, overCount: 1 }]);
});
