/** The example that builds the archive: its numbers, and that no build starts too early. */

import { describe, expect, it } from "vitest";
import {
  brokenRequirements,
  planBuild,
  prepareArchive,
  runBuild,
} from "../../examples/debian-build-order/archive-build.ts";
import { buildTimes } from "../../examples/debian-build-order/build-times.ts";
import { readArchive } from "../../examples/debian-build-order/packages.ts";
import { cyclicGroups, shortestCycle } from "../../src/public/graph.ts";

const options = { builderCount: 64, seed: 1 };
const whole = readArchive();
const archive = prepareArchive(options);

describe("the archive", () => {
  it("has cycles, which are found and of which the shortest is named", () => {
    expect(whole.size).toBe(34_289);
    expect(whole.toGraph().requires.targets.length).toBe(212_768);
    const sizes = cyclicGroups(whole).map((group) => group.length);
    expect(sizes.length).toBe(72);
    expect(Math.max(...sizes)).toBe(4_419);
    const { keys, isShortest } = shortestCycle(whole) ?? {};
    expect(isShortest).toBe(true);
    expect(keys).toEqual(["automake-1.16", "libtool"]);
    for (const [at, name] of (keys ?? []).entries()) {
      expect(whole.requires(name)).toContain(keys?.[(at + 1) % keys.length]);
    }
  });

  it("has an order when 1,755 requirements are dropped, all of packages on cycles", () => {
    const { graph, dropped } = archive;
    expect(dropped.length).toBe(1_755);
    expect(graph.requires.targets.length).toBe(212_768 - 1_755);
    const groupOf = new Map<string | null, number>();
    for (const [group, names] of cyclicGroups(whole).entries()) {
      for (const name of names) groupOf.set(name, group);
    }
    for (const [requirer, required] of dropped) {
      expect(groupOf.get(requirer)).toBeDefined();
      expect(groupOf.get(requirer)).toBe(groupOf.get(required));
    }
  });

  it.each([
    ["forwards", false],
    ["in reverse", true],
  ])(
    "is built %s, in order, within the limit and as planned",
    { timeout: 90_000 },
    async (...to) => {
      const reverse = to[1];
      const prepared = prepareArchive(options);
      const plan = planBuild(prepared, options, { reverse });
      const run = await runBuild(prepared, options, { reverse });
      expect(new Set(run.finished).size).toBe(34_289);
      expect(run.finished.length).toBe(34_289);
      expect(run.mostAtOnce).toBe(64);
      const order = reverse ? run.finished.toReversed() : run.finished;
      expect(brokenRequirements(archive.graph, order)).toEqual([]);
      expect(run.durationMs).toBe(plan.finishMs);
      expect(run.durationMs).toBeGreaterThanOrEqual(plan.criticalPath.weight);
      expect(run.durationMs).toBeGreaterThanOrEqual(plan.workMs / 64);
    },
  );
});

describe("brokenRequirements", () => {
  it("finds what was built too early", () => {
    const { graph } = archive;
    const early = graph.keys.toReversed();
    expect(brokenRequirements(graph, early).length).toBeGreaterThan(1_000);
  });
});

describe("buildTimes", () => {
  it("are the same for a seed, and like those of real builds", () => {
    const names = Array.from({ length: 10_001 }, (_, at) => `p${at}`);
    const times = [...buildTimes(names, 1).values()].toSorted((a, b) => a - b);
    expect([...buildTimes(names, 1)]).toEqual([...buildTimes(names, 1)]);
    expect([...buildTimes(names, 2)]).not.toEqual([...buildTimes(names, 1)]);
    expect(times[5_000]).toBeGreaterThan(100_000);
    expect(times[5_000]).toBeLessThan(140_000);
    expect(times.at(-1)).toBeGreaterThan(3_600_000);
    expect(times[0]).toBeGreaterThan(0);
  });
});
