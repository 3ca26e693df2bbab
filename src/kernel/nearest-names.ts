/** Suggestions for a name that nothing has: what a person may have meant. */

/** No more are suggested. */
const suggestionCountMax = 3;
/** Longer names are not compared: the cost grows with the product of the lengths. */
const comparedLettersMax = 200;

/**
 * Those of `known` that differ from `name` by few letters, or that end in it after a separator,
 * nearest first, at most three.
 */
export function nearestNames(name: string, known: Iterable<string>): readonly string[] {
  const wanted = name.slice(0, comparedLettersMax).toLowerCase();
  const editCountMax = Math.max(1, Math.floor(wanted.length / 3));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const each of known) {
    const candidate = each.slice(0, comparedLettersMax).toLowerCase();
    const distance = isLastPart(wanted, { whole: candidate })
      ? 1
      : editCount({ from: wanted, to: candidate });
    if (distance <= editCountMax) near.push({ name: each, distance });
  }
  return near
    .toSorted((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, suggestionCountMax)
    .map((each) => each.name);
}

/** `; did you mean "a" or "b"?`, or nothing when there is nothing near. */
export function suggestionOf(names: readonly string[]): string {
  if (names.length === 0) return "";
  return `; did you mean ${names.map((name) => JSON.stringify(name)).join(" or ")}?`;
}

function isLastPart(part: string, { whole }: { readonly whole: string }): boolean {
  return part !== "" && (whole.endsWith(`.${part}`) || whole.endsWith(`/${part}`));
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editCount({ from, to }: { readonly from: string; readonly to: string }): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      ) {
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
