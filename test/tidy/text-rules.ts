/** Names of files, links between pages, and words that no file of this repository holds. */

import { dirname, posix } from "node:path";
import type { Manifest } from "./import-rules.ts";
import { isTypeScript, violationAt, type SourceFile, type Violation } from "./source-file.ts";

const vagueNames = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "types",
  "lib",
  "misc",
]);

/** A pattern written with dots in its words, because this file is checked like any other. */
function pattern(text: string): RegExp {
  return new RegExp(text.replaceAll("·", ""));
}

const foreignText: readonly (readonly [RegExp, string])[] = [
  [pattern("/(wo·rk|fa·rm)/|/tmp/ba·sh_"), "a path of one machine"],
  [pattern("/(ho·me|Us·ers)/\\w+/"), "a path of one machine"],
  [pattern("\\.\\./sha·red\\b"), "a folder outside the repository"],
  [pattern("registry\\.(np·mjs|yarn·pkg)|deb\\.deb·ian\\.org"), "the host of a registry"],
];

/** Names that tools and users expect: tests of types, and what `import "orrery"` finds. */
const expectedNames = /^test\/types\/|^src\/public\/index\.ts$/;

const unfinished = pattern("\\b(TO·DO|FIX·ME|XX·X|HA·CK)\\b");

/** Files and folders of code with names that say nothing, or not in kebab-case. */
export function nameViolations(file: SourceFile): readonly Violation[] {
  if (!/^(src|test|tools)\//.test(file.path) || !isTypeScript(file.path)) return [];
  const parts = file.path
    .split("/")
    .map((part) => part.replace(/(\.(test|pg|bench|d))*\.\w+$/, ""));
  const name = parts.at(-1) ?? "";
  const isExpected = expectedNames.test(file.path);
  const vague = isExpected ? undefined : parts.find((part) => vagueNames.has(part));
  const messages = [
    ...(vague === undefined ? [] : [`${vague} says nothing: name the concept`]),
    ...(name === "index" && !isExpected ? ["no barrels: import the defining file"] : []),
    ...parts
      .filter((part) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part))
      .map((part) => `${part}: kebab-case`),
  ];
  return messages.map((message) => violationAt(file, 1, { rule: "names", message }));
}

/** Mentions of one machine's paths, of folders outside, of registries' hosts. */
export function foreignTextViolations(file: SourceFile): readonly Violation[] {
  return file.text
    .split("\n")
    .flatMap((text, index) =>
      foreignText
        .filter(([foreign]) => foreign.test(text))
        .map(([, what]) =>
          violationAt(file, index + 1, { rule: "foreign-text", message: `names ${what}` }),
        ),
    );
}

/** Comments that leave work behind without an issue. */
export function unfinishedViolations(file: SourceFile): readonly Violation[] {
  const comments =
    file.syntax?.comments.map((comment) => ({
      line: file.syntax?.lineOf(comment.start) ?? 1,
      text: comment.value,
    })) ?? sqlComments(file);
  return comments
    .filter(({ text }) => unfinished.test(text))
    .map(({ line }) =>
      violationAt(file, line, { rule: "unfinished", message: "open an issue instead" }),
    );
}

function sqlComments(
  file: SourceFile,
): readonly { readonly line: number; readonly text: string }[] {
  if (!file.path.endsWith(".sql")) return [];
  return file.text
    .split("\n")
    .map((text, index) => ({ line: index + 1, text: /--.*/.exec(text)?.[0] ?? "" }));
}

/** Relative links of a page to files that are not there. */
export function linkViolations(
  file: SourceFile,
  exists: (path: string) => boolean,
): readonly Violation[] {
  if (!file.path.endsWith(".md")) return [];
  return file.text.split("\n").flatMap((text, index) =>
    [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].flatMap((match) => {
      const target = posix.join(dirname(file.path), match[1] ?? "");
      if (exists(target)) return [];
      return [violationAt(file, index + 1, { rule: "links", message: `no ${target}` })];
    }),
  );
}

/** Runtime dependencies that no decision record names. */
export function decisionViolations(
  files: readonly SourceFile[],
  dependencies: Manifest["packages"],
): readonly Violation[] {
  const records = files.filter((file) => /^docs\/adr\/\d{4}-[\w-]+\.md$/.test(file.path));
  return [...dependencies]
    .filter((name) => !records.some((record) => record.text.includes(`\`${name}\``)))
    .map((name) => ({
      rule: "decisions",
      path: "package.json",
      line: 1,
      message: `${name} has no row in docs/adr`,
      size: 1,
    }));
}
