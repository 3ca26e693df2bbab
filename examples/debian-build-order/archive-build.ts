/**
 * Builds the whole archive, or takes it down again, in virtual time: the builds are simulated by a
 * clock that moves from the end of one build to the next, so that days of building are over in
 * seconds, and go the same way each time.
 */

import {
  breakCycles,
  type BrokenCycles,
  type Graph,
  type GraphPlan,
  planGraph,
  runGraph,
} from "orrery/graph";
import { createManualClock, runOnClock } from "orrery/testing";
import { buildTimes } from "./build-times.ts";
import { readArchive } from "./packages.ts";

/** How the archive is built. */
export interface BuildOptions {
  /** Builds at a time. */
  readonly builderCount: number;
  /** Of the simulated build times. */
  readonly seed: number;
}

/** An archive that has a build order. */
export interface BuildableArchive extends BrokenCycles<string> {
  /** Milliseconds by package. */
  readonly times: ReadonlyMap<string, number>;
}

/** What came of a run. */
export interface BuildRun {
  /** Packages in the order in which their builds finished. */
  readonly finished: readonly string[];
  /** The most builds that ran at a time. */
  readonly mostAtOnce: number;
  /** Virtual milliseconds. */
  readonly durationMs: number;
}

/** Reads the archive, breaks its cycles and draws the build times. */
export function prepareArchive({ seed }: BuildOptions): BuildableArchive {
  const broken = breakCycles(readArchive());
  return { ...broken, times: buildTimes(broken.graph.keys, seed) };
}

/** What a build should take, before it is run. */
export function planBuild(
  { graph, times }: BuildableArchive,
  { builderCount }: BuildOptions,
  { reverse }: { readonly reverse: boolean },
): GraphPlan<string> {
  const settings = settingsFrom(times);
  return planGraph(graph, { concurrency: builderCount, settings, reverse });
}

/** Runs every build; in reverse a package goes before those that it requires. */
export async function runBuild(
  { graph, times }: BuildableArchive,
  { builderCount }: BuildOptions,
  { reverse }: { readonly reverse: boolean },
): Promise<BuildRun> {
  const clock = createManualClock();
  const finished: string[] = [];
  let running = 0;
  let mostAtOnce = 0;
  const build = runGraph(graph, {
    clock,
    concurrency: builderCount,
    reverse,
    settings: settingsFrom(times),
    run: async (name, { delay }) => {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await delay(times.get(name) ?? 0);
      running -= 1;
      finished.push(name);
    },
  });
  await runOnClock(clock, build);
  return { finished, mostAtOnce, durationMs: clock.monotonicMs() };
}

/** Requirements that a run did not keep; there must be none. */
export function brokenRequirements(
  graph: Graph<string>,
  finished: readonly string[],
): readonly (readonly [requirer: string, required: string])[] {
  const placeOf = new Map(finished.map((name, place) => [name, place]));
  const { starts, targets } = graph.requires;
  return graph.keys.flatMap((requirer, number) =>
    Array.from(targets.subarray(starts[number], starts[number + 1]), (target) => graph.keys[target])
      .filter((required): required is string => required !== undefined)
      .filter((required) => (placeOf.get(required) ?? Infinity) > (placeOf.get(requirer) ?? -1))
      .map((required) => [requirer, required] as const),
  );
}

function settingsFrom(
  times: ReadonlyMap<string, number>,
): (name: string) => { readonly estimateMs: number } {
  return (name) => ({ estimateMs: times.get(name) ?? 0 });
}
