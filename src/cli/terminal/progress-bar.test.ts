import { describe, expect, it } from "vitest";
import { progressLine } from "./progress-bar.ts";
import { widthOf } from "./text-width.ts";

describe("progressLine", () => {
  it("fills the bar by the fraction", () => {
    expect(progressLine({ fraction: 0.5, message: "half", state: "running", tick: 0 }, 80)).toBe(
      "[████████████░░░░░░░░░░░░]  50% half",
    );
  });

  it("shows the state where there is no message", () => {
    expect(progressLine({ fraction: 1, message: null, state: "running", tick: 0 }, 80)).toMatch(
      / 100% running$/,
    );
  });

  it("moves a mark back and forth while the end is not known", () => {
    const at = (tick: number): number =>
      progressLine({ fraction: null, message: null, state: "queued", tick }, 80).indexOf("█");
    expect([at(0), at(1), at(18), at(19), at(36)]).toEqual([1, 2, 19, 18, 1]);
  });

  it("takes fractions beyond the bounds for the bounds", () => {
    expect(progressLine({ fraction: 7, message: null, state: "x", tick: 0 }, 80)).toContain("100%");
    expect(progressLine({ fraction: -1, message: null, state: "x", tick: 0 }, 80)).toContain(
      "  0%",
    );
  });

  it("stays within the width and on one line", () => {
    const message = `first\n${"long ".repeat(50)}`;
    const line = progressLine({ fraction: 0.1, message, state: "x", tick: 0 }, 60);
    expect(widthOf(line)).toBe(60);
    expect(line).not.toContain("\n");
  });
});
