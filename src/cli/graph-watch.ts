/** Waiting for a graph on the command line: how it goes on, and what became of it. */

import type { GraphRecord } from "../api/graph-records.ts";
import { delay } from "../kernel/clock.ts";
import { ExecutorError } from "../kernel/errors.ts";
import type { Work } from "./command.ts";
import { graphFields, nodeTable, shownNodes } from "./graph-view.ts";
import { msOf } from "./graph/stored-board.ts";
import { openStoredView, type StoredView } from "./graph/stored-view.ts";
import type { Screen } from "./screen.ts";

/** Milliseconds between two looks at a graph. */
const lookEveryMs = 400;
/** A large graph takes long to read: the pause is so many times that. */
const pauseFactor = 4;

/** Shows a graph with its nodes; of a large one those that matter most, unless `all` is set. */
export function showGraph(
  screen: Screen,
  graph: GraphRecord,
  { all = false }: { readonly all?: boolean | undefined } = {},
): void {
  screen.show(graph, () => {
    screen.fields(graphFields(graph));
    screen.line("");
    const nodes = all ? graph.nodes : shownNodes(graph);
    screen.table(nodeTable(nodes));
    const left = graph.nodes.length - nodes.length;
    if (left > 0) screen.note(`and ${left} more; \`orrery graph show ${graph.id} --all\` has all`);
  });
}

/**
 * Shows a graph, once it has come to rest if that is asked for; until then, how it goes on.
 * @throws ExecutorError `ORR_EXEC_FAILED` after it has been shown, when it was waited for and has
 * not succeeded
 */
export async function showSubmitted(
  work: Work,
  submitted: GraphRecord,
  { wait, all }: { readonly wait: boolean; readonly all?: boolean | undefined },
): Promise<void> {
  const { screen } = work;
  if (!wait) {
    showGraph(screen, submitted, { all });
    return;
  }
  screen.note(`waiting for graph ${submitted.id}`);
  const graph = await watchToRest(work, submitted);
  showGraph(screen, graph, { all });
  if (graph.state === "completed") return;
  const state = graph.isStalled ? "stalled" : graph.state;
  throw new ExecutorError("ORR_EXEC_FAILED", `graph ${graph.id} is ${state}`, {
    details: { taskId: graph.id, state },
  });
}

/** Shows how a graph goes on until it has come to rest. */
async function watchToRest(work: Work, graph: GraphRecord): Promise<GraphRecord> {
  const { shell, scheduler, screen } = work;
  const view = openStoredView(shell, { quiet: screen.json });
  const elapsed = await stopwatch(work, graph);
  view.show(graph, elapsed());
  const stop = new AbortController();
  const signal = AbortSignal.any([shell.signal, stop.signal]);
  const looking = screen.json ? undefined : lookAgain(work, graph.id, { view, elapsed, signal });
  try {
    const done = await scheduler.waitForGraph(graph.id, { signal: shell.signal });
    stop.abort();
    await looking;
    view.show(done, elapsed());
    return done;
  } finally {
    stop.abort();
  }
}

/** Milliseconds since the graph was stored, by the clock that stored it. */
async function stopwatch(
  { shell, scheduler }: Work,
  { createdAt }: GraphRecord,
): Promise<() => number> {
  const { now } = await scheduler.getSystem();
  const startMs = msOf(now) - msOf(createdAt) - shell.clock.monotonicMs();
  return () => Math.max(startMs + shell.clock.monotonicMs(), 0);
}

/** Looks until called off. What goes wrong here is left to the wait to tell. */
async function lookAgain(
  { shell, scheduler }: Work,
  id: number,
  {
    view,
    elapsed,
    signal,
  }: {
    readonly view: StoredView;
    readonly elapsed: () => number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  try {
    for (let pauseMs = lookEveryMs; ;) {
      await delay(shell.clock, pauseMs, signal);
      const beganMs = shell.clock.monotonicMs();
      const graph = await scheduler.getGraph(id);
      // The answer may have been on its way while the end was shown.
      if (signal.aborted) return;
      view.show(graph, elapsed());
      pauseMs = Math.max(lookEveryMs, (shell.clock.monotonicMs() - beganMs) * pauseFactor);
    }
  } catch {
    // Called off while waiting, or the server went away, which the wait tells.
  }
}
