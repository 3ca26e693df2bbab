import { expect, test } from "vitest";
import { type TaskTypeId, toId } from "../kernel/ids.ts";
import { TypeStandings } from "./type-standings.ts";

const [one, two] = [toId<TaskTypeId>(1, "type"), toId<TaskTypeId>(2, "type")];

test("who was never asked shares what a level gets, and is not known to be busy", () => {
  const standings = new TypeStandings();
  expect(standings.isSharer(one, 2)).toBe(true);
  expect(standings.isBusy(one)).toBe(false);
});

test("what a claim said holds until the next that asked", () => {
  const standings = new TypeStandings();
  standings.note([
    { typeId: one, level: 2, hasMore: true },
    { typeId: two, level: 2, hasMore: false },
  ]);
  standings.note([{ typeId: one, level: 1, hasMore: false }]);
  expect([standings.isSharer(one, 2), standings.isSharer(two, 2)]).toEqual([true, false]);
  expect([standings.isBusy(one), standings.isBusy(two)]).toEqual([true, false]);
  standings.note([{ typeId: one, level: 2, hasMore: false }]);
  expect([standings.isSharer(one, 2), standings.isBusy(one)]).toEqual([false, false]);
});

test("nothing is known of what is forgotten", () => {
  const standings = new TypeStandings();
  standings.note([
    { typeId: one, level: 2, hasMore: true },
    { typeId: two, level: 2, hasMore: false },
  ]);
  standings.forget(new Set([one, two]));
  expect([standings.isSharer(one, 2), standings.isSharer(two, 2)]).toEqual([true, true]);
  expect([standings.isBusy(one), standings.isBusy(two)]).toEqual([false, false]);
});
