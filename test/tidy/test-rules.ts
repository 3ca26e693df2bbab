/** What holds for tests themselves. */

import { dottedName } from "./syntax.ts";
import { isTest, violationAt, type SourceFile, type Violation } from "./source-file.ts";

const rule = "tests";

/** Titles that stand twice in one file, so that a failure would not say which test it is. */
export function repeatedTitleViolations(file: SourceFile): readonly Violation[] {
  const titles = isTest(file.path) ? (file.syntax?.titles ?? []) : [];
  return titles
    .filter((title, index) => titles.findIndex(({ text }) => text === title.text) < index)
    .map(({ text, line }) =>
      violationAt(file, line, { rule, message: `title used before in this file: ${text}` }),
    );
}

/** Titles that point to an issue or a part of it, which says nothing to a later reader. */
export function numberedTitleViolations(file: SourceFile): readonly Violation[] {
  const titles = isTest(file.path) ? (file.syntax?.titles ?? []) : [];
  return titles
    .filter(({ text }) => /\b(issue|ticket|part|step)\s*#?\d+\b|#\d+\b/i.test(text))
    .map(({ text, line }) =>
      violationAt(file, line, { rule, message: `title names a number, not behaviour: ${text}` }),
    );
}

/** Tests that are switched off, or that switch the others off; `skipIf` states its condition. */
export function switchedOffViolations(file: SourceFile): readonly Violation[] {
  if (!isTest(file.path)) return [];
  return (file.syntax?.places ?? []).flatMap(({ node, line }) => {
    const name = node.type === "MemberExpression" ? dottedName(node) : undefined;
    if (name === undefined || !/^(test|it|describe)\.(only|skip|todo|fails)$/.test(name)) return [];
    return [violationAt(file, line, { rule, message: `${name} is left in` })];
  });
}
