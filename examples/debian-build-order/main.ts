/** Finds the build order of the whole archive, builds it, and takes it down again. */

import { parseArgs } from "node:util";
import { cyclicGroups, type Dependencies, shortestCycle } from "orrery/graph";
import {
  brokenRequirements,
  type BuildableArchive,
  type BuildOptions,
  planBuild,
  prepareArchive,
  runBuild,
} from "./archive-build.ts";
import { readArchive } from "./packages.ts";

const { values } = parseArgs({
  options: {
    builders: { type: "string", default: "64" },
    seed: { type: "string", default: "1" },
  },
});
const options: BuildOptions = {
  builderCount: wholeNumber("--builders", values.builders),
  seed: wholeNumber("--seed", values.seed),
};

reportCycles(readArchive());
const archive = prepareArchive(options);
reportOrder(archive);
await report("Forwards", false);
await report("In reverse", true);

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TypeError(`${name} must be a whole number above 0, not ${JSON.stringify(text)}`);
}

function reportCycles(whole: Dependencies<string>): void {
  const groups = cyclicGroups(whole).map((group) => group.length);
  const shortest = shortestCycle(whole)?.keys ?? [];
  const largest = groups.toSorted((left, right) => right - left).slice(0, 5);
  const count = groups.reduce((sum, size) => sum + size, 0);
  console.log(`${whole.size} packages, ${whole.toGraph().requires.targets.length} requirements`);
  console.log(`${count} packages lie on cycles, in ${groups.length} groups; the largest have`);
  console.log(`  ${largest.join(", ")} packages`);
  console.log(`the shortest cycle: ${[...shortest, shortest[0]].join(" > ")}`);
}

function reportOrder({ dropped, graph }: BuildableArchive): void {
  console.log(`\n${dropped.length} requirements are dropped, so that there is an order, such as`);
  for (const [requirer, required] of dropped.slice(0, 5)) {
    console.log(`  ${requirer} is built without ${required}`);
  }
  console.log(`${graph.requires.targets.length} requirements are left`);
}

async function report(direction: string, reverse: boolean): Promise<void> {
  const plan = planBuild(archive, options, { reverse });
  const { keys, weight } = plan.criticalPath;
  console.log(`\n${direction}, ${options.builderCount} builds at a time:`);
  console.log(`  ${plan.waves.length} waves; one build at a time would take ${days(plan.workMs)}`);
  console.log(`  the longest chain has ${keys.length} packages and takes ${days(weight)}`);
  const startedMs = performance.now();
  const run = await runBuild(archive, options, { reverse });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const wrong = brokenRequirements(
    archive.graph,
    reverse ? run.finished.toReversed() : run.finished,
  );
  console.log(`  ${run.finished.length} packages built in ${days(run.durationMs)}`);
  console.log(`  (planned ${days(plan.finishMs)}), played in ${seconds} s`);
  console.log(
    `  never more than ${run.mostAtOnce} builds at a time; out of order: ${wrong.length}`,
  );
}

function days(ms: number): string {
  const hours = ms / 3_600_000;
  return hours < 48 ? `${hours.toFixed(1)} hours` : `${(hours / 24).toFixed(1)} days`;
}
