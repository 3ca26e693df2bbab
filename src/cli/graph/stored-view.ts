/** Shows a stored graph while it runs: a live tree on a terminal, else lines of a log. */

import type { GraphRecord } from "../../api/graph-records.ts";
import { describeDuration } from "../duration.ts";
import { picturedGraph } from "../graph-view.ts";
import type { Shell } from "../shell.ts";
import { openLiveBlock } from "../terminal/live-block.ts";
import { onOneLine } from "../terminal/text-width.ts";
import type { BoardNode } from "./run-board.ts";
import { logLine } from "./run-log.ts";
import { RunTree, summaryOf } from "./run-tree.ts";
import { msOf, StoredBoard } from "./stored-board.ts";

/** Is handed the graph again and again; the first time as it was when watching began. */
export interface StoredView {
  /** `elapsedMs` is the time since the graph was stored. */
  show(graph: GraphRecord, elapsedMs: number): void;
}

/** A view on standard error; a quiet one shows nothing. */
export function openStoredView(
  { err }: Pick<Shell, "err">,
  { quiet }: { readonly quiet: boolean },
): StoredView {
  if (quiet) return { show: () => undefined };
  return err.isTerminal ? treeView(err) : logView(err);
}

function treeView(err: Shell["err"]): StoredView {
  const block = openLiveBlock(err);
  let tree: { readonly shape: string; readonly lines: RunTree["lines"] } | undefined;
  let tick = 0;
  return {
    show: (graph, elapsedMs) => {
      const shape = shapeOf(graph);
      if (tree?.shape !== shape) {
        const drawn = new RunTree(picturedGraph(graph).source);
        tree = { shape, lines: (view) => drawn.lines(view) };
      }
      const board = new StoredBoard(graph);
      block.draw(tree.lines({ board, elapsedMs, width: block.width(), tick, paint: err.paint }));
      tick += 1;
    },
  };
}

/** Changes when nodes or edges are added, which is all that can happen to them. */
function shapeOf({ nodes }: GraphRecord): string {
  return `${nodes.length} ${nodes.reduce((sum, node) => sum + node.requires.length, 0)}`;
}

function logView(err: Shell["err"]): StoredView {
  let before: StoredBoard | undefined;
  return {
    show: (graph, elapsedMs) => {
      const board = new StoredBoard(graph);
      if (before === undefined) {
        const text = summaryOf(board, elapsedMs);
        err.write(`${logLine({ atMs: elapsedMs, node: undefined, text })}\n`);
      } else {
        const lines = changesOf(graph, { before, after: board, elapsedMs });
        for (const line of lines) err.write(`${line}\n`);
      }
      before = board;
    },
  };
}

/** A line for each node that stands elsewhere than before, in the order of time. */
function changesOf(
  { nodes, createdAt }: GraphRecord,
  {
    before,
    after,
    elapsedMs,
  }: { readonly before: StoredBoard; readonly after: StoredBoard; readonly elapsedMs: number },
): readonly string[] {
  const createdMs = msOf(createdAt);
  return nodes
    .flatMap(({ name, finishedAt }) => {
      const now = after.of(name);
      if (now.state === before.of(name).state) return [];
      const text = changeText(now);
      if (text === undefined) return [];
      // When a try ended that is not the last is not told: then it was before this look.
      const seenMs = now.state === "running" ? now.startedMs : elapsedMs;
      const atMs = finishedAt === null ? seenMs : msOf(finishedAt) - createdMs;
      return [{ atMs, node: name, text }];
    })
    .toSorted((left, right) => left.atMs - right.atMs)
    .map(logLine);
}

function changeText({ state, durationMs, message }: BoardNode): string | undefined {
  const took = durationMs === null ? "" : ` after ${describeDuration(durationMs)}`;
  const why = message === null ? "" : `: ${onOneLine(message)}`;
  if (state === "running") return "started";
  if (state === "resting") return `to be tried again${why}`;
  if (state === "succeeded") return `succeeded${took}`;
  return state === "waiting" ? undefined : `${state}${took}${why}`;
}
