import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTo, widthOf, withoutControls } from "./text-width.ts";

describe("widthOf", () => {
  it.each([
    ["plain", 5],
    ["e\u0301", 1],
    ["漢字", 4],
    ["🚀", 2],
    ["", 0],
  ])("counts %j as %d cells", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe("cutTo", () => {
  it("leaves text that fits", () => {
    expect(cutTo("abc", 3)).toBe("abc");
  });

  it("marks the cut and never splits a wide letter", () => {
    expect(cutTo("abcd", 3)).toBe("ab…");
    expect(cutTo("漢字漢", 4)).toBe("漢…");
  });

  it("gives nothing where there is no room", () => {
    expect(cutTo("abc", 0)).toBe("");
  });

  it("fits into the width for any text", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, fc.nat(30), (some, width) => {
        expect(widthOf(cutTo(some, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("withoutControls", () => {
  it("leaves no control character but line feed and tab", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(withoutControls(text).replace(/[\n\t]/g, "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
