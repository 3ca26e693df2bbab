/** Text in the form in which the history can keep it: bounded, and of letters that it can store. */

/**
 * `text` with at most `lettersMax` letters (UTF-16 units) and a mark where it was cut. NUL and
 * halves of surrogate pairs, which PostgreSQL refuses, become U+FFFD.
 */
export function keptText(text: string, lettersMax: number): string {
  const mark = ` … [${text.length - lettersMax} letters cut]`;
  const bounded = text.length > lettersMax ? text.slice(0, lettersMax) + mark : text;
  return bounded.replace(/\0|\p{Surrogate}/gu, "\ufffd");
}
