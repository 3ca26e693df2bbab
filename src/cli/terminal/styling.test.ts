import { describe, expect, it } from "vitest";
import { paintColours, wantsColour } from "./styling.ts";

describe("wantsColour", () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [true, { TERM: "dumb" }, false],
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
  ])("on a terminal %s with %j answers %s", (isTerminal, env, wanted) => {
    expect(wantsColour(isTerminal, env)).toBe(wanted);
  });
});

describe("paintColours", () => {
  it("puts escape sequences around text that has a style", () => {
    expect(paintColours("bad", "x")).toBe("\u001b[31mx\u001b[39m");
    expect(paintColours("plain", "x")).toBe("x");
  });
});
