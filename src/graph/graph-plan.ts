/**
 * The run of a graph without running it: in which waves its nodes could go, and when each would
 * start and finish by its estimate. The same rules as in a run decide what starts first, so a run
 * whose nodes take as long as estimated goes exactly as planned.
 */

import { readFields } from "../kernel/fields.ts";
import { criticalPathOf, type Path } from "./critical-path.ts";
import { settingsReader } from "./graph-work.ts";
import {
  type Graph,
  graphFrom,
  type GraphSource,
  keyAt,
  type NodeNumber,
  reversed,
} from "./graph.ts";
import { NodeHeap } from "./node-heap.ts";
import { type NodeSettings, nodeSettingsDefault } from "./node-settings.ts";
import type { ResolvedNodeSettings } from "./node-settings.ts";
import { ReadyNodes } from "./ready-nodes.ts";
import { readConcurrency } from "./run-options.ts";
import { wavesOf } from "./topological-order.ts";

/** Options of a plan: those of the run that is planned. */
export interface PlanOptions<Key> {
  /**
   * Nodes that run at a time.
   * @defaultValue no bound
   */
  readonly concurrency?: number;
  /** Settings of each node, of which plans use priority and estimate; a definition has its own. */
  readonly settings?: (node: Key) => NodeSettings;
  /**
   * Turns every edge round.
   * @defaultValue false
   */
  readonly reverse?: boolean;
}

/** A node in a plan; times are milliseconds from the start of the run. */
export interface PlannedNode<Key> {
  readonly node: Key;
  readonly startMs: number;
  readonly finishMs: number;
}

/** What a run would do. */
export interface GraphPlan<Key> {
  /**
   * The nodes of the first wave require nothing; those of each further one only what stands in
   * waves before theirs. Within a wave they stand in the order of first mention. A run does not
   * wait for waves: a node starts as soon as what it requires itself has succeeded.
   */
  readonly waves: readonly (readonly PlannedNode<Key>[])[];
  /** When the last node finishes. */
  readonly finishMs: number;
  /** The estimates of all nodes together: what a run of one node at a time takes. */
  readonly workMs: number;
  /** The longest chain; no run is shorter, however many nodes it runs at a time. */
  readonly criticalPath: Path<Key>;
}

/**
 * Plans a run.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CYCLE`
 */
export function planGraph<Key>(
  source: GraphSource<Key>,
  options: PlanOptions<Key> = {},
): GraphPlan<Key> {
  readFields(options, "options", ["concurrency", "settings", "reverse"]);
  const concurrency = readConcurrency(options.concurrency);
  const forward = graphFrom(source);
  const graph = options.reverse === true ? reversed(forward) : forward;
  const waves = wavesOf(graph);
  const settings = graph.keys.map(settingsReader(source, options.settings));
  const { startsMs, finishesMs } = schedule(graph, { settings, concurrency });
  const estimatesMs = Float64Array.from(settings, ({ estimateMs }) => estimateMs);
  const planned = (number: NodeNumber): PlannedNode<Key> => ({
    node: keyAt(graph, number),
    startMs: startsMs[number] ?? 0,
    finishMs: finishesMs[number] ?? 0,
  });
  return {
    waves: waves.map((wave) => Array.from(wave, planned)),
    finishMs: finishesMs.reduce((latest, each) => Math.max(latest, each), 0),
    workMs: estimatesMs.reduce((sum, each) => sum + each, 0),
    criticalPath: criticalPathOf(graph, estimatesMs),
  };
}

/** Plays the run through, from one finish to the next. */
function schedule(
  graph: Graph<unknown>,
  rules: { readonly settings: readonly ResolvedNodeSettings[]; readonly concurrency: number },
): { readonly startsMs: Float64Array; readonly finishesMs: Float64Array } {
  const { settings, concurrency } = rules;
  const startsMs = new Float64Array(settings.length);
  const finishesMs = new Float64Array(settings.length);
  // By the order of their starts: of nodes that finish together the one that started first is
  // first, as with timers.
  const started: NodeNumber[] = [];
  const running = new NodeHeap();
  const ready = new ReadyNodes(graph, (number) => settings[number] ?? nodeSettingsDefault);
  const startAll = (nowMs: number): void => {
    while (running.size < concurrency) {
      const number = ready.take();
      if (number === -1) return;
      const finishMs = nowMs + (settings[number]?.estimateMs ?? 0);
      startsMs[number] = nowMs;
      finishesMs[number] = finishMs;
      running.push(started.push(number) - 1, finishMs);
    }
  };
  startAll(0);
  for (let next = running.pop(); next !== undefined; next = running.pop()) {
    ready.release(started[next.node] ?? -1);
    startAll(next.priority);
  }
  return { startsMs, finishesMs };
}
