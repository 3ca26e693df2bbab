/**
 * A run of a graph as a tree of lines. A node hangs below the one of its requirements that stands
 * deepest, which is the one that lets it start in all likelihood; what else it requires is not
 * shown. Of a graph with more nodes than there is room for, those at work are shown.
 */

import { at, type Graph, keyAt, nameOf, type NodeNumber, targetsOf } from "../../graph/graph.ts";
import { wavesOf } from "../../graph/topological-order.ts";
import { describeDuration } from "../duration.ts";
import type { Paint, Style } from "../terminal/styling.ts";
import { progressLine } from "../terminal/progress-bar.ts";
import { cutTo, onOneLine, widthOf } from "../terminal/text-width.ts";
import type { Board, BoardNode, BoardState } from "./run-board.ts";

/** What a drawing depends on. */
export interface TreeView {
  readonly board: Board;
  /** Milliseconds of the run. */
  readonly elapsedMs: number;
  /** Cells of a line. */
  readonly width: number;
  /** Counts up with each drawing. */
  readonly tick: number;
  readonly paint: Paint;
}

/** Lines of nodes; the line below them sums up. */
const rowCountMax = 20;
/** Deeper nodes are indented no further. */
const depthMax = 8;
/** Names are padded up to here, so that what follows stands in a column. */
const nameWidthMax = 32;

const looks: Readonly<Record<BoardState, { readonly mark: string; readonly style: Style }>> = {
  waiting: { mark: "·", style: "dim" },
  running: { mark: "▸", style: "busy" },
  resting: { mark: "↻", style: "warning" },
  succeeded: { mark: "✓", style: "good" },
  failed: { mark: "✗", style: "bad" },
  cancelled: { mark: "–", style: "warning" },
  abandoned: { mark: "!", style: "bad" },
};

/** The tree of one graph, in the direction of its run. */
export class RunTree {
  readonly #graph: Graph<unknown>;
  readonly #parents: Int32Array;
  /** Every node after its parent, children in the order of first mention. */
  readonly #order: readonly NodeNumber[];

  /** @throws InvalidInputError `ORR_INPUT_CYCLE` */
  constructor(graph: Graph<unknown>) {
    this.#graph = graph;
    this.#parents = parentsOf(graph);
    this.#order = preorderOf(this.#parents);
  }

  /** The lines as they are to stand on the terminal. */
  lines(view: TreeView): readonly string[] {
    const shown = this.#shown(view.board);
    const rows = this.#rows(shown);
    const widest = Math.max(0, ...rows.map((row) => widthOf(row.label)));
    const nameWidth = Math.min(nameWidthMax, Math.floor(view.width / 2), widest);
    const hidden = this.#order.length - shown.length;
    return [
      ...rows.map((row) => rowLine(row, nameWidth, view)),
      ...(hidden === 0 ? [] : [view.paint("dim", cutTo(`  … ${hidden} more`, view.width))]),
      summaryLine(view),
    ];
  }

  /** All nodes where there is room, else those at work and then those that went wrong. */
  #shown(board: Board): readonly NodeNumber[] {
    if (this.#order.length <= rowCountMax) return this.#order;
    const kept = new Set<NodeNumber>();
    const keep = (states: ReadonlySet<BoardState>): void => {
      for (const number of this.#order) {
        if (kept.size === rowCountMax) return;
        if (states.has(board.of(keyAt(this.#graph, number)).state)) kept.add(number);
      }
    };
    keep(new Set(["running"]));
    keep(new Set(["failed", "abandoned", "resting"]));
    return this.#order.filter((number) => kept.has(number));
  }

  #rows(shown: readonly NodeNumber[]): readonly Row[] {
    const isShown = new Set(shown);
    const depths = new Map<NodeNumber, number>();
    return shown.map((number) => {
      const key = keyAt(this.#graph, number);
      const depth = this.#depthIn(number, { isShown, depths });
      depths.set(number, depth);
      const indent = depth === 0 ? "" : `${"  ".repeat(Math.min(depth, depthMax) - 1)}└ `;
      return { key, label: indent + onOneLine(nameOf(key)) };
    });
  }

  /** One more than the nearest node above that is shown. */
  #depthIn(
    number: NodeNumber,
    seen: {
      readonly isShown: ReadonlySet<NodeNumber>;
      readonly depths: ReadonlyMap<NodeNumber, number>;
    },
  ): number {
    let above = at(this.#parents, number);
    while (above !== -1 && !seen.isShown.has(above)) above = at(this.#parents, above);
    return above === -1 ? 0 : (seen.depths.get(above) ?? 0) + 1;
  }
}

interface Row {
  readonly key: unknown;
  readonly label: string;
}

/** For each node the requirement that stands in the latest wave, or -1. */
function parentsOf(graph: Graph<unknown>): Int32Array {
  const waveOf = new Int32Array(graph.keys.length);
  for (const [wave, numbers] of wavesOf(graph).entries()) {
    for (const number of numbers) waveOf[number] = wave;
  }
  return Int32Array.from(graph.keys, (_, number) => {
    let parent = -1;
    for (const other of targetsOf(graph.requires, number)) {
      if (parent === -1 || at(waveOf, other) > at(waveOf, parent)) parent = other;
    }
    return parent;
  });
}

function preorderOf(parents: Int32Array): readonly NodeNumber[] {
  const children = new Map<NodeNumber, NodeNumber[]>();
  for (const [number, parent] of parents.entries()) {
    const others = children.get(parent);
    if (others === undefined) children.set(parent, [number]);
    else others.push(number);
  }
  const order: NodeNumber[] = [];
  const open = (children.get(-1) ?? []).toReversed();
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    order.push(number);
    // One by one: a call takes no more arguments than the stack has room for.
    for (const child of (children.get(number) ?? []).toReversed()) open.push(child);
  }
  return order;
}

function rowLine({ key, label }: Row, nameWidth: number, view: TreeView): string {
  const node = view.board.of(key);
  const { mark, style } = looks[node.state];
  const name = cutTo(label, nameWidth);
  const pad = " ".repeat(nameWidth - widthOf(name));
  const room = view.width - nameWidth - 4;
  const detail = room > 0 ? cutTo(detailOf(node, { ...view, width: room }), room) : "";
  return `${view.paint(style, mark)} ${name}${pad}  ${view.paint(style, detail)}`.trimEnd();
}

function detailOf(node: BoardNode, { elapsedMs, tick, width }: TreeView): string {
  const { state, fraction, message, durationMs, startedMs } = node;
  if (state === "waiting") return "";
  if (state === "running") {
    const since = describeDuration(Math.max(elapsedMs - startedMs, 0));
    return progressLine({ fraction, message, state: since, tick }, width);
  }
  const took = durationMs === null ? "" : describeDuration(durationMs);
  const why = message === null ? "" : onOneLine(message);
  return state === "succeeded" ? took : [state, took, why].filter((part) => part !== "").join(", ");
}

/** `12 of 40 done, 3 running, 1 failed, 4.2 s`. */
function summaryLine({ board, elapsedMs, width }: TreeView): string {
  return cutTo(summaryOf(board, elapsedMs), width);
}

/** How many nodes stand where, in words; states without a node are left out. */
export function summaryOf({ counts }: Pick<Board, "counts">, elapsedMs: number): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = (["running", "resting", "failed", "cancelled", "abandoned"] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`);
  const done = `${counts.succeeded} of ${total} done`;
  return [done, ...parts, describeDuration(elapsedMs)].join(", ");
}
