/** Graphs as Mermaid flowcharts, which code hosts show in Markdown. */

import type { GraphSource } from "./graph.ts";
import { drawable, pictureColours, pictureOf, type PictureOptions } from "./picture.ts";

/**
 * A flowchart of the graph; arrows lead from what is required to what requires it. Mermaid itself
 * refuses more than 500 edges or 50,000 letters unless it is configured to take more.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function mermaidOf<Key>(
  source: GraphSource<Key>,
  options: PictureOptions<Key> = {},
): string {
  const { isAcross, nodes, arrows } = pictureOf(source, options);
  const states = [...new Set(nodes.flatMap(({ state }) => state ?? []))];
  const lines = [
    `flowchart ${isAcross ? "LR" : "TD"}`,
    ...nodes.map(({ label, state }, number) => {
      const mark = state === undefined ? "" : `:::${state}`;
      return `  n${number}["${escaped(label)}"]${mark}`;
    }),
    ...arrows.map(([from, to]) => `  n${from} --> n${to}`),
    ...states.map((state) => {
      const { fill, line } = pictureColours[state];
      return `  classDef ${state} fill:${fill},stroke:${line},color:#1f2328`;
    }),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Text within double quotes. Quotes end it, `#` begins a code, `<` and `&` are taken for HTML, a
 * backtick for Markdown, `$` for a formula, `%%` for a directive, `\n` for a new line and `:fa-`
 * for an icon, wherever they stand.
 */
function escaped(label: string): string {
  // A label without anything is a mistake of syntax.
  if (label === "") return " ";
  return drawable(label)
    .replace(/["#<>&`%$\\]|:(?=fa-)/g, (letter) => `#${letter.charCodeAt(0)};`)
    .replaceAll("\n", "<br/>");
}
