/** All rules over the whole repository. */

import { ambientViolations } from "./ambient-rules.ts";
import * as code from "./code-rules.ts";
import { cycleViolations, importViolations, type Manifest } from "./import-rules.ts";
import * as size from "./size-rules.ts";
import { inEach, type SourceFile, type Violation } from "./source-file.ts";
import * as tests from "./test-rules.ts";
import * as words from "./text-rules.ts";

/** The rules that look at one file alone. */
const perFile: readonly ((file: SourceFile) => readonly Violation[])[] = [
  ambientViolations,
  ...Object.values(code),
  ...Object.values(size),
  ...Object.values(tests),
  words.nameViolations,
  words.foreignTextViolations,
  words.unfinishedViolations,
];

/** Everything that breaks a rule, in the order of the rules. */
export function allViolations(
  files: readonly SourceFile[],
  manifest: Manifest & { readonly dependencies: ReadonlySet<string> },
): readonly Violation[] {
  const paths = new Set(files.map((file) => file.path));
  const exists = (path: string): boolean =>
    paths.has(path) || files.some((file) => file.path.startsWith(`${path.replace(/\/$/, "")}/`));
  return [
    ...perFile.flatMap((rule) => inEach(files, rule)),
    ...inEach(files, (file) => importViolations(file, manifest)),
    ...inEach(files, (file) => words.linkViolations(file, exists)),
    ...cycleViolations(files),
    ...words.decisionViolations(files, manifest.dependencies),
  ];
}
