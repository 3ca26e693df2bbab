/** Texts in quotes, as the texts of the engine that stepped mode replaces have them. */

const escapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** The text in single quotes; in double ones when it holds single quotes and no double ones. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (letter) =>
    letter === quote ? `\\${letter}` : (escapes.get(letter) ?? letter),
  );
  return `${quote}${escaped.join("")}${quote}`;
}
