/** What pictures of graphs have in common: how nodes are named, and coloured by state. */

import { readFields } from "../kernel/fields.ts";
import { graphFrom, type GraphSource, nameOf } from "./graph.ts";

/** What a node can be shown to be. */
export type PictureState =
  | "waiting"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "abandoned"
  | "blocked";

/** How a graph is drawn. */
export interface PictureOptions<Key> {
  /**
   * What is written on a node; any text, also with line feeds.
   * @defaultValue the node itself, or its `name`
   */
  readonly label?: (node: Key) => string;
  /** Colours a node by its state; undefined leaves it plain. */
  readonly state?: (node: Key) => PictureState | undefined;
  /**
   * Where arrows lead, from what is required to what requires it.
   * @defaultValue down
   */
  readonly direction?: "down" | "right";
}

/** Colours of a state, for a light ground. */
export interface PictureColours {
  readonly fill: string;
  readonly line: string;
}

/** Colours by state: told apart by lightness as well as by hue. */
export const pictureColours: Readonly<Record<PictureState, PictureColours>> = {
  waiting: { fill: "#f6f8fa", line: "#8c959f" },
  running: { fill: "#b6e3ff", line: "#0969da" },
  succeeded: { fill: "#dafbe1", line: "#1a7f37" },
  failed: { fill: "#ffaba8", line: "#cf222e" },
  cancelled: { fill: "#eaeef2", line: "#57606a" },
  abandoned: { fill: "#ffd8b5", line: "#bc4c00" },
  blocked: { fill: "#fae17d", line: "#9a6700" },
};

/** A graph as it is drawn: nodes are known by number, since any text may stand in a name. */
export interface Picture {
  readonly isAcross: boolean;
  readonly nodes: readonly { readonly label: string; readonly state: PictureState | undefined }[];
  /** Pairs of numbers, from what is required to what requires it. */
  readonly arrows: readonly (readonly [from: number, to: number])[];
}

/**
 * What is to be drawn.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function pictureOf<Key>(source: GraphSource<Key>, options: PictureOptions<Key>): Picture {
  readFields(options, "options", ["label", "state", "direction"]);
  const { label = nameOf, state, direction } = options;
  const { keys, requires } = graphFrom(source);
  const { starts, targets } = requires;
  return {
    isAcross: direction === "right",
    nodes: keys.map((key) => ({ label: label(key), state: state?.(key) })),
    arrows: keys.flatMap((_, number) =>
      Array.from(
        targets.subarray(starts[number], starts[number + 1]),
        (from) => [from, number] as const,
      ),
    ),
  };
}

/** Takes out what no picture can show: control characters, and halves of surrogate pairs. */
export function drawable(label: string): string {
  const lines = label.replace(/\r\n?/g, "\n").replaceAll("\t", " ");
  return lines.replace(/(?!\n)[\p{Cc}\p{Surrogate}]/gu, "\ufffd");
}
