/** Graphs in DOT, the language of Graphviz. */

import type { GraphSource } from "./graph.ts";
import { drawable, pictureColours, pictureOf, type PictureOptions } from "./picture.ts";
import type { PictureState } from "./picture.ts";

/**
 * A directed graph; arrows lead from what is required to what requires it.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function dotOf<Key>(source: GraphSource<Key>, options: PictureOptions<Key> = {}): string {
  const { isAcross, nodes, arrows } = pictureOf(source, options);
  const lines = [
    "digraph {",
    `  rankdir=${isAcross ? "LR" : "TB"};`,
    "  node [shape=box];",
    ...nodes.map(({ label, state }, number) => {
      const attributes = [`label="${escaped(label)}"`, ...coloursOf(state)];
      return `  n${number} [${attributes.join(", ")}];`;
    }),
    ...arrows.map(([from, to]) => `  n${from} -> n${to};`),
    "}",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function coloursOf(state: PictureState | undefined): readonly string[] {
  if (state === undefined) return [];
  const { fill, line } = pictureColours[state];
  return ["style=filled", `fillcolor="${fill}"`, `color="${line}"`];
}

/**
 * Text within double quotes. Graphviz takes `\N` and its like for names and `&…;` for letters, so a
 * backslash is doubled and an ampersand spelled out.
 */
function escaped(label: string): string {
  return drawable(label)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("&", "&amp;")
    .replaceAll("\n", "\\n");
}
