/** Finds the known word that was probably meant by a misspelt one. */

/** The nearest of `known`, the first of several; empty when nothing is known. */
export function nearestWord(word: string, known: readonly string[]): string {
  const wanted = word.toLowerCase();
  let nearest = known[0] ?? "";
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance({ from: wanted, to: candidate.toLowerCase() });
    if (distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** Words longer than this are compared by their beginning, so that no input is slow. */
const comparedLengthMax = 64;

/** Insertions, deletions and substitutions that turn one text into the other. */
export function editDistance(texts: { readonly from: string; readonly to: string }): number {
  const from = texts.from.slice(0, comparedLengthMax);
  const to = texts.to.slice(0, comparedLengthMax);
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
