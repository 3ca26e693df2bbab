/** How text lies on a terminal: how wide it is, how it is cut, and how it is made harmless. */

/** Marks the place where text was cut. */
export const ellipsis = "…";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Letters that take two cells: East Asian scripts, their full-width forms, pictures. */
const widePattern = new RegExp(
  [
    String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`,
    String.raw`\p{Emoji_Presentation}\uff01-\uff60\u3000-\u303e]`,
  ].join(""),
  "u",
);

/** Control characters, all but line feed and tab. */
const controlPattern = /(?![\n\t])\p{Cc}/gu;

/**
 * Text of others made safe to print: a control character could move the cursor or change the
 * terminal's state, so each becomes its visible picture. Line feeds and tabs stay.
 */
export function withoutControls(text: string): string {
  return text.replace(controlPattern, (found) => {
    const code = found.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\u2421";
  });
}

/** The same on one line: line feeds and tabs become blanks. */
export function onOneLine(text: string): string {
  return withoutControls(text.replace(/[\r\n\t]+/g, " "));
}

/** Text whose letters take a cell each, as most does: segmenting costs a microsecond a letter. */
const plainPattern = /^[\x20-\x7e]*$/;

/** Cells that one line of text takes; it must hold no control characters. */
export function widthOf(text: string): number {
  if (plainPattern.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += widePattern.test(segment) ? 2 : 1;
  return width;
}

/** The text if it fits into `width` cells, else as much as fits with an ellipsis. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = widePattern.test(segment) ? 2 : 1;
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return kept + ellipsis;
}
