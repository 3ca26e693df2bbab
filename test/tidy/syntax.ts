/**
 * What the tidy rules need to know of a TypeScript file, read from its syntax tree: imports,
 * functions with their sizes, exports with their comments, and the titles of tests.
 */

import { parseSync, type Comment } from "oxc-parser";

/** A node of the tree; what else it has depends on `type`. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A node with the nodes around it, the nearest last. */
export interface Place {
  readonly node: Node;
  readonly ancestors: readonly Node[];
  readonly line: number;
}

/** An `import`, a re-export, an `import()` or a type written as `import("…")`. */
export interface Import {
  readonly specifier: string;
  /** The imported names; `*` for all of them, `default` for the default. */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A function, method, constructor or arrow with a body. */
export interface FunctionShape {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  /** The type annotation of each parameter as written; undefined where there is none. */
  readonly parameters: readonly (string | undefined)[];
  readonly parameterNames: readonly string[];
  /** It is the body of a `describe`, which groups and does nothing. */
  readonly groupsTests: boolean;
}

/** A name that other files can import. */
export interface ExportShape {
  readonly name: string;
  readonly line: number;
  readonly documented: boolean;
}

/** The title of a test. */
export interface Title {
  readonly text: string;
  readonly line: number;
}

/** One parsed file. */
export interface Syntax {
  readonly places: readonly Place[];
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionShape[];
  readonly exports: readonly ExportShape[];
  readonly titles: readonly Title[];
  /** The line, from 1, of an offset. */
  lineOf(offset: number): number;
}

const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** Parses one file. */
export function parse(path: string, text: string): Syntax {
  const result = parseSync(path, text);
  const program: unknown = result.program;
  const lineOf = lineFinder(text);
  const places = isNode(program) ? walk(program, { ancestors: [], lineOf }) : [];
  const source = { text, lineOf, comments: result.comments };
  return {
    places,
    comments: result.comments,
    imports: places.flatMap((place) => importOf(place)),
    functions: places.flatMap((place) => functionOf(place, source)),
    exports: places.flatMap((place) => exportsOf(place, source)),
    titles: places.flatMap((place) => titleOf(place)),
    lineOf,
  };
}

/** The child of `node` at `key`, when there is one. */
export function child(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

/** The children of `node` at `key`, when it holds a list. */
export function children(node: Node | undefined, key: string): readonly Node[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter((item) => isNode(item)) : [];
}

/** The text of a name or of a string; undefined for anything else. */
export function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const value = node.type === "Identifier" ? node["name"] : node["value"];
  return typeof value === "string" ? value : undefined;
}

/** `a.b.c` of a chain of names; undefined when something else stands in it. */
export function dottedName(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier") return textOf(node);
  if (node?.type !== "MemberExpression" || node["computed"] === true) return undefined;
  const object = dottedName(child(node, "object"));
  const property = textOf(child(node, "property"));
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function walk(
  node: Node,
  around: { readonly ancestors: readonly Node[]; lineOf(offset: number): number },
): readonly Place[] {
  const below = { ...around, ancestors: [...around.ancestors, node] };
  const inner = Object.values(node).flatMap((value): readonly Place[] => {
    const nodes: readonly unknown[] = Array.isArray(value) ? value : [value];
    return nodes.filter(isNode).flatMap((each) => walk(each, below));
  });
  return [{ node, ancestors: around.ancestors, line: around.lineOf(node.start) }, ...inner];
}

/** Finds lines by halving: a file has thousands of nodes, and each has a line. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function importOf({ node, line }: Place): readonly Import[] {
  const specifier = textOf(child(node, "source"));
  if (specifier === undefined) return [];
  if (node.type === "ImportExpression" || node.type === "TSImportType") {
    return [{ specifier, names: ["*"], typeOnly: node.type === "TSImportType", line }];
  }
  if (!/^(Import|Export(Named|All))Declaration$/.test(node.type)) return [];
  const specifiers = children(node, "specifiers");
  const names = specifiers.map((item) => {
    if (item.type === "ImportNamespaceSpecifier") return "*";
    return textOf(child(item, "imported") ?? child(item, "local")) ?? "default";
  });
  const kindOf = (item: Node): unknown => item["importKind"] ?? item["exportKind"];
  const typeOnly =
    kindOf(node) === "type" ||
    (specifiers.length > 0 && specifiers.every((item) => kindOf(item) === "type"));
  return [{ specifier, names: specifiers.length === 0 ? ["*"] : names, typeOnly, line }];
}

interface Source {
  readonly text: string;
  readonly comments: readonly Comment[];
  lineOf(offset: number): number;
}

function functionOf({ node, ancestors, line }: Place, source: Source): readonly FunctionShape[] {
  const parent = ancestors.at(-1);
  if (!functionTypes.has(node.type) || node["body"] === null) return [];
  const named = child(node, "id") ?? child(parent, "key") ?? child(parent, "id");
  const parameters = children(node, "params").map((item) =>
    item.type === "AssignmentPattern" ? (child(item, "left") ?? item) : item,
  );
  return [
    {
      name: textOf(named) ?? "(anonymous)",
      line,
      lines: source.lineOf(node.end - 1) - line + 1,
      parameters: parameters.map((item) => annotationOf(item, source.text)),
      parameterNames: parameters.map((item) => textOf(item) ?? ""),
      groupsTests: parent?.type === "CallExpression" && calleeRoot(parent) === "describe",
    },
  ];
}

function annotationOf(parameter: Node, text: string): string | undefined {
  const annotation = child(child(parameter, "typeAnnotation"), "typeAnnotation");
  return annotation === undefined ? undefined : text.slice(annotation.start, annotation.end);
}

function exportsOf({ node, line }: Place, source: Source): readonly ExportShape[] {
  if (node.type !== "ExportNamedDeclaration" || child(node, "source") !== undefined) return [];
  const declaration = child(node, "declaration");
  if (declaration === undefined) return [];
  const named = child(declaration, "id") ?? child(children(declaration, "declarations")[0], "id");
  const documented = source.comments.some(
    (comment) =>
      comment.type === "Block" &&
      comment.value.startsWith("*") &&
      comment.end <= node.start &&
      source.text.slice(comment.end, node.start).trim() === "",
  );
  const name = textOf(named) ?? declaration.type;
  return [{ name, line, documented }];
}

/** `test` of `test(…)`, `test.each(…)(…)` and `test.skipIf(…)(…)`. */
function calleeRoot(call: Node): string | undefined {
  let node: Node | undefined = child(call, "callee");
  while (node !== undefined && node.type !== "Identifier") {
    node = child(node, "callee") ?? child(node, "object") ?? child(node, "tag");
  }
  return textOf(node);
}

function titleOf({ node, line }: Place): readonly Title[] {
  if (node.type !== "CallExpression" || !["test", "it"].includes(calleeRoot(node) ?? "")) return [];
  const first = children(node, "arguments")[0];
  if (first?.type === "TemplateLiteral") {
    const text = children(first, "quasis").map(cookedOf).join("${}");
    return [{ text, line }];
  }
  const text = first?.type === "Literal" ? textOf(first) : undefined;
  return text === undefined ? [] : [{ text, line }];
}

function cookedOf(quasi: Node): string {
  const value = quasi["value"];
  const cooked: unknown =
    typeof value === "object" && value !== null && "cooked" in value ? value.cooked : "";
  return typeof cooked === "string" ? cooked : "";
}
