/** Constructs that shipped code does without, and comments that it must have. */

import { errorClasses } from "../../tools/generate-errors.ts";
import { child, children, dottedName, textOf, type Node, type Place } from "./syntax.ts";
import {
  isGenerated,
  isShipped,
  violationAt,
  type SourceFile,
  type Violation,
} from "./source-file.ts";

/** Node types that shipped code never has, with what to write instead. */
const constructs: Readonly<Record<string, string>> = {
  TSAnyKeyword: "any: take unknown and decode it",
  TSNonNullExpression: "!: narrow it, or use present() of kernel/assert.ts",
  TSEnumDeclaration: "enum: write a union of literals",
  TSModuleDeclaration: "namespace: a file is the namespace",
  TSParameterProperty: "parameter property: declare the field",
  Decorator: "decorator: call the function",
  ExportDefaultDeclaration: "export default: name the export",
};

const builtInErrors = new Set(["Error", "TypeError", "RangeError", "AggregateError"]);

/** `any`, `!`, enums, default exports and their like. */
export function constructViolations(file: SourceFile): readonly Violation[] {
  return placesOf(file).flatMap(({ node, line }) => {
    const message = constructs[node.type] ?? doubleAssertion(node);
    return message === undefined ? [] : [violationAt(file, line, { rule: "construct", message })];
  });
}

function doubleAssertion(node: Node): string | undefined {
  const inner = node.type === "TSAsExpression" ? child(node, "expression") : undefined;
  return inner?.type === "TSAsExpression" ? "as … as: decode it, or fix the type" : undefined;
}

/** Comments that switch the compiler or the linter off. */
export function suppressionViolations(file: SourceFile): readonly Violation[] {
  const banned = isShipped(file.path)
    ? /@ts-(ignore|expect-error|nocheck)|(eslint|oxlint)-disable/
    : /@ts-(ignore|nocheck)/;
  return (file.syntax?.comments ?? [])
    .filter((comment) => banned.test(comment.value))
    .map(({ start, value }) => {
      const message = `a comment silences a checker: ${value.trim().slice(0, 60)}`;
      return violationAt(file, file.syntax?.lineOf(start) ?? 1, { rule: "suppression", message });
    });
}

/** Built-in errors thrown by shipped code, which carry no code for the caller. */
export function bareErrorViolations(file: SourceFile): readonly Violation[] {
  return placesOf(file).flatMap(({ node, line }) => {
    if (node.type !== "NewExpression" && node.type !== "CallExpression") return [];
    const callee = child(node, "callee");
    const name = callee?.type === "Identifier" ? textOf(callee) : undefined;
    if (name === undefined || !builtInErrors.has(name)) return [];
    const message = `${name}: use a class and a code of src/kernel`;
    return [violationAt(file, line, { rule: "bare-error", message })];
  });
}

/** Errors whose code belongs to another class: callers pick the code, readers trust the class. */
export function errorClassViolations(file: SourceFile): readonly Violation[] {
  return placesOf(file).flatMap(({ node, line }) => {
    if (node.type !== "NewExpression") return [];
    const name = textOf(child(node, "callee"));
    const code = textOf(children(node, "arguments")[0]);
    const known = errorClasses.find((entry) => entry.className === name);
    if (known === undefined || code?.startsWith("ORR_") !== true) return [];
    if (known.prefixes.some((prefix) => code.startsWith(prefix))) return [];
    const message = `${known.className} does not carry ${code}`;
    return [violationAt(file, line, { rule: "error-class", message })];
  });
}

/** Exports of shipped code without a doc comment. */
export function undocumentedViolations(file: SourceFile): readonly Violation[] {
  if (!isShipped(file.path) || isGenerated(file)) return [];
  return (file.syntax?.exports ?? [])
    .filter((shape) => !shape.documented)
    .map(({ name, line }) => {
      const message = `${name} is exported without a doc comment`;
      return violationAt(file, line, { rule: "undocumented", message });
    });
}

/** Shipped files that do not open with their purpose; the doc of the first export is none. */
export function purposeViolations(file: SourceFile): readonly Violation[] {
  if (!isShipped(file.path) || isGenerated(file)) return [];
  const shebang = /^#!.*\n/.exec(file.text)?.[0].length ?? 0;
  const first = file.syntax?.comments.find((comment) => comment.start >= shebang);
  const opens = first?.start === shebang && first.type === "Block";
  const after = file.text.slice(first?.end ?? 0);
  if (opens && /^\n(\n|import |export \* |export (type )?\{|$)/.test(after)) return [];
  const message = "opens without a comment on its purpose";
  return [violationAt(file, 1, { rule: "purpose", message })];
}

/** How a statement opens; plain sentences that begin with the same word do not match. */
const statements = [
  /^\s*select\s[\s\S]+\sfrom\s/i,
  /^\s*(insert\s+into|delete\s+from)\s/i,
  /^\s*update\s+\S+\s+set\s/i,
  /^\s*with\s+\w+\s+as\s*\(/i,
];

/** SQL text outside the rooms that hold statements. */
export function sqlViolations(file: SourceFile): readonly Violation[] {
  if (/^src\/(store|compat\/[^/]+\/sql)\//.test(file.path)) return [];
  return placesOf(file).flatMap(({ node, line }) => {
    const text = node.type === "TemplateLiteral" ? templateText(file, node) : literalText(node);
    if (text === undefined || !statements.some((start) => start.test(text))) return [];
    const message = "SQL stands in src/store and in compat/*/sql only";
    return [violationAt(file, line, { rule: "sql", message })];
  });
}

function templateText(file: SourceFile, node: Node): string {
  return file.text.slice(node.start + 1, node.end - 1);
}

function literalText(node: Node): string | undefined {
  return node.type === "Literal" ? textOf(node) : undefined;
}

/** Reads of the environment outside `cli/`, which turns it into options for everybody else. */
export function environmentViolations(file: SourceFile): readonly Violation[] {
  if (file.path.startsWith("src/cli/")) return [];
  return placesOf(file)
    .filter(({ node }) => dottedName(node) === "process.env")
    .map(({ line }) => {
      const message = "the environment is read in cli/ and handed on as options";
      return violationAt(file, line, { rule: "environment", message });
    });
}

function placesOf(file: SourceFile): readonly Place[] {
  return isShipped(file.path) ? (file.syntax?.places ?? []) : [];
}
