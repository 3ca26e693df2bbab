/** Graphs as tests of the service write them, and the hands that run them node by node. */

import type { GraphNodeRequest, TaskGraph } from "../../src/model/graph.ts";
import { eventful, type Outcome } from "../../src/model/outcome.ts";
import type { ClaimedRun } from "../../src/model/run.ts";
import type { ServiceRig } from "./rig.ts";

/** Nodes of the type `work`, as `name: what it requires`. */
export function nodes(
  shape: Readonly<Record<string, readonly string[]>>,
  rest: Partial<GraphNodeRequest> = {},
): readonly GraphNodeRequest[] {
  return Object.entries(shape).map(([name, requires]) => ({
    name,
    type: "work",
    requires,
    ...rest,
  }));
}

/** The smallest graph with a fork and a join. */
export const diamond = {
  top: ["left", "right"],
  left: ["bottom"],
  right: ["bottom"],
  bottom: [],
} as const;

/** The state of each node, for people: that of its run as long as it has one. */
export function statesOf(graph: TaskGraph): Readonly<Record<string, string>> {
  return Object.fromEntries(graph.nodes.map((node) => [node.name, node.runState ?? node.state]));
}

/** Claims what is ready, by the names of nodes. */
export async function claimByName(rig: ServiceRig): Promise<ReadonlyMap<string, ClaimedRun>> {
  const runs = await rig.claim();
  const tasks = await rig.store.tasks.findMany(runs.flatMap((run) => run.taskId ?? []));
  return new Map(
    runs.map((run) => {
      const task = tasks.find((each) => each.id === run.taskId);
      return [task?.nodeName ?? "", run];
    }),
  );
}

/** Claims what is ready and ends it, each as `outcomes` says; answers the names, sorted. */
export async function step(
  rig: ServiceRig,
  outcomes: Readonly<Record<string, Outcome>> = {},
): Promise<readonly string[]> {
  const claimed = await claimByName(rig);
  for (const [name, run] of claimed) await rig.finish(run, outcomes[name] ?? eventful(name));
  return [...claimed.keys()].toSorted();
}
