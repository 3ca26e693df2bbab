import { describe, expect, it } from "vitest";
import { planSchedules } from "./schedules.ts";

describe("planSchedules", () => {
  const known = new Set(["good"]);

  it("wants all whose types are known", () => {
    const schedules = [
      { key: "a", type: "good" },
      { key: "b", type: "good", requires: [{ key: "a" }] },
    ];
    expect(planSchedules(schedules, known)).toEqual({ wanted: schedules, left: [] });
  });

  it("leaves out those of unknown types and says which", () => {
    const plan = planSchedules(
      [
        { key: "a", type: "good" },
        { key: "b", type: "bad" },
      ],
      known,
    );
    expect(plan.wanted.map(({ key }) => key)).toEqual(["a"]);
    expect(plan.left).toEqual([{ key: "b", reason: "there is no task type bad" }]);
  });

  it("leaves out what requires or belongs to one that is left out, however far", () => {
    const plan = planSchedules(
      [
        { key: "d", type: "good", parentKey: "c" },
        { key: "c", type: "good", requires: [{ key: "b" }] },
        { key: "b", type: "bad" },
        { key: "e", type: "good", requires: [{ taskId: 7 }, { key: "elsewhere" }] },
      ],
      known,
    );
    expect(plan.wanted.map(({ key }) => key)).toEqual(["e"]);
    expect(plan.left).toEqual([
      { key: "d", reason: "it needs c, which is left out" },
      { key: "c", reason: "it needs b, which is left out" },
      { key: "b", reason: "there is no task type bad" },
    ]);
  });
});
