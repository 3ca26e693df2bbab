/** Waiting for a graph on the command line, and showing what became of it. */

import type { GraphRecord } from "../api/graph-records.ts";
import { ExecutorError } from "../kernel/errors.ts";
import type { Work } from "./command.ts";
import { graphFields, nodeTable } from "./graph-view.ts";
import type { Screen } from "./screen.ts";

/** Shows a graph with its nodes. */
export function showGraph(screen: Screen, graph: GraphRecord): void {
  screen.show(graph, () => {
    screen.fields(graphFields(graph));
    screen.line("");
    screen.table(nodeTable(graph));
  });
}

/**
 * Shows a graph, once it has come to rest if that is asked for.
 * @throws ExecutorError `ORR_EXEC_FAILED` after it has been shown, when it was waited for and has
 * not succeeded
 */
export async function showSubmitted(
  { scheduler, screen }: Work,
  submitted: GraphRecord,
  { wait }: { readonly wait: boolean },
): Promise<void> {
  if (!wait) {
    showGraph(screen, submitted);
    return;
  }
  screen.note(`waiting for graph ${submitted.id}`);
  const graph = await scheduler.waitForGraph(submitted.id);
  showGraph(screen, graph);
  if (graph.state === "completed") return;
  const state = graph.isStalled ? "stalled" : graph.state;
  throw new ExecutorError("ORR_EXEC_FAILED", `graph ${graph.id} is ${state}`, {
    details: { taskId: graph.id, state },
  });
}
