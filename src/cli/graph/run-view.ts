/** Shows a run of a graph while it goes on: a live tree on a terminal, else lines of a log. */

import type { GraphEvent } from "../../graph/graph-event.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Shell } from "../shell.ts";
import { openLiveBlock } from "../terminal/live-block.ts";
import { RunBoard } from "./run-board.ts";
import { createRunLog } from "./run-log.ts";
import { RunTree } from "./run-tree.ts";

/** What is told of a run as it goes on; disposing it draws the last picture. */
export interface RunView extends Disposable {
  readonly board: RunBoard;
  readonly onEvent: (event: GraphEvent<unknown>) => void;
}

/** Milliseconds between two drawings. */
const drawEveryMs = 100;

/** A view on standard error; a quiet one shows nothing and keeps the board all the same. */
export function openRunView(
  shell: Shell,
  graph: Graph<unknown>,
  { quiet }: { readonly quiet: boolean },
): RunView {
  const board = new RunBoard(graph.keys.length);
  if (quiet) return { board, onEvent: (event) => board.enter(event), [Symbol.dispose]: () => {} };
  return shell.err.isTerminal ? treeView(shell, graph, board) : logView(shell, board);
}

function logView({ err }: Shell, board: RunBoard): RunView {
  const lineOf = createRunLog();
  return {
    board,
    onEvent: (event) => {
      board.enter(event);
      const line = lineOf(event);
      if (line !== undefined) err.write(`${line}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function treeView({ err, clock }: Shell, graph: Graph<unknown>, board: RunBoard): RunView {
  const tree = new RunTree(graph);
  const block = openLiveBlock(err);
  const startedMs = clock.monotonicMs();
  let tick = 0;
  const draw = (): void => {
    const elapsedMs = clock.monotonicMs() - startedMs;
    block.draw(tree.lines({ board, elapsedMs, width: block.width(), tick, paint: err.paint }));
    tick += 1;
  };
  const drawAgain = (): Disposable =>
    clock.schedule(drawEveryMs, () => {
      draw();
      timer = drawAgain();
    });
  draw();
  let timer = drawAgain();
  return {
    board,
    onEvent: (event) => board.enter(event),
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      draw();
    },
  };
}
