/**
 * What the rules let pass, each with its reason and its present size. A row may only shrink: when
 * the code got better the row must follow, and when nothing is left it must go.
 */

import type { Violation } from "./source-file.ts";

/** One rule that one file may break, up to `size` (the sum over the file's violations). */
export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly size: number;
  readonly reason: string;
}

/** The exceptions of this repository. */
export const exceptions: readonly Exception[] = [];

/** What remains to be mended, as lines for the reader: in the code, or in the table above. */
export function judge(
  violations: readonly Violation[],
  allowed: readonly Exception[],
): readonly string[] {
  const keyOf = (item: { readonly rule: string; readonly path: string }): string =>
    `${item.rule} in ${item.path}`;
  const keys = new Set(violations.map(keyOf));
  const stale = allowed.filter((row) => !keys.has(keyOf(row)));
  return [
    ...[...keys].flatMap((key) => {
      const group = violations.filter((item) => keyOf(item) === key);
      const row = allowed.find((candidate) => keyOf(candidate) === key);
      const size = group.reduce((sum, { size: each }) => sum + each, 0);
      if (row === undefined) return group.map(lineOf);
      if (size > row.size) return [`${key} grew from ${row.size} to ${size}`, ...group.map(lineOf)];
      return size < row.size ? [`${key} shrank: set its row from ${row.size} to ${size}`] : [];
    }),
    ...stale.map((row) => `${keyOf(row)} is mended: delete its row`),
  ];
}

function lineOf(item: Violation): string {
  return `${item.path}:${item.line} ${item.rule}: ${item.message}`;
}
