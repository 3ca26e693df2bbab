/**
 * Compares the shapes of the queue and the variants of its tables on one fresh server.
 *
 *     node bench/queue-shape/main.ts           the full comparison, recorded in bench/results/
 *     node bench/queue-shape/main.ts --quick   one tiny round, printed only: does it still work?
 */

import { parseArgs } from "node:util";

import { describeMachine } from "../machine.ts";
import { startServer } from "../postgres-server.ts";
import { rawName } from "../raw-queue.ts";
import { writeResults } from "../results-file.ts";
import { inRounds, type Entry } from "../rounds.ts";
import { rotated } from "../statistics.ts";
import type { Cost } from "./cost.ts";
import { renderReport, type Paired, type Recording } from "./report.ts";
import { drainPinned, fillAndDrain, fillAndDrainRaw, reapAll } from "./scenarios.ts";
import type { FillAndDrain } from "./scenarios.ts";
import { batchSize, connectionCount } from "./worker.ts";
import { contenders, u, variants, type Variant } from "./variants.ts";

/** How much work a run of the bench does. */
interface Amount {
  readonly rounds: number;
  /** Jobs of one drain. */
  readonly count: number;
  readonly pinnedRepeats: number;
  readonly pinnedRounds: number;
  /** Jobs of one round under a pinned snapshot. */
  readonly pinnedCount: number;
}

const fullAmount: Amount = {
  rounds: 5,
  count: 30_000,
  pinnedRepeats: 3,
  pinnedRounds: 6,
  pinnedCount: 10_000,
};

const quickAmount: Amount = {
  rounds: 1,
  count: 2000,
  pinnedRepeats: 1,
  pinnedRounds: 4,
  pinnedCount: 1000,
};

/** Task types of the scenario with many. */
const manyTaskTypes = 100;

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const amount = flags.quick ? quickAmount : fullAmount;

const recording = await record(amount);
const report = renderReport(recording);
process.stdout.write(`${report}\n`);
if (!flags.quick) await writeResults("queue-shape", { report, recording });

async function record({ rounds, count, ...pinned }: Amount): Promise<Recording> {
  await using server = await startServer();
  const { host } = server;
  // The first use of a server and of this process is the slowest: done once and not counted.
  for (const variant of contenders) {
    await fillAndDrain(host, variant, { count: batchSize * 4, taskTypeCount: 1 });
  }
  const drain = (variant: Variant, taskTypeCount: number): Promise<FillAndDrain> =>
    fillAndDrain(host, variant, { count, taskTypeCount });
  const drains = await inPairs<FillAndDrain>(rounds, () => drain(u, 1), [
    { name: rawName, run: () => fillAndDrainRaw(host, count) },
    ...variants.map((variant) => ({ name: variant.shape.name, run: () => drain(variant, 1) })),
  ]);
  const types = await inRounds<FillAndDrain>(
    rounds,
    contenders.flatMap((variant) =>
      [1, manyTaskTypes].map((typeCount) => ({
        name: `${variant.shape.name} ${typeCount}`,
        run: () => drain(variant, typeCount),
      })),
    ),
  );
  const reaps = await inRounds<Cost>(
    rounds,
    contenders.map((variant) => ({
      name: variant.shape.name,
      run: () => reapAll(host, variant, Math.ceil(count / 3)),
    })),
  );
  return {
    version: server.version,
    machine: await describeMachine(),
    batchSize,
    connectionCount,
    manyTaskTypes,
    rounds,
    count,
    ...pinned,
    drains,
    types,
    pinned: await pinnedRepeats(host, pinned),
    reaps,
  };
}

/**
 * All entries once per round, the base before and after each: the machine's speed drifts within
 * seconds, and a ratio to the neighbours on both sides hardly notices.
 */
async function inPairs<T>(
  rounds: number,
  base: () => Promise<T>,
  entries: readonly Entry<T>[],
): Promise<Record<string, Paired<T>[]>> {
  let before = await base();
  return inRounds(
    rounds,
    entries.map(({ name, run }) => ({
      name,
      run: async () => {
        const own = await run();
        const after = await base();
        const paired = { own, bases: [before, after] };
        before = after;
        return paired;
      },
    })),
  );
}

/** Milliseconds of each drain under a pinned snapshot: by variant, repeat, round. */
async function pinnedRepeats(
  host: string,
  work: Omit<Amount, "rounds" | "count">,
): Promise<Record<string, (readonly Cost[])[]>> {
  const results: Record<string, (readonly Cost[])[]> = {};
  for (let repeat = 0; repeat < work.pinnedRepeats; repeat += 1) {
    const order: Variant[] = rotated(contenders, repeat);
    const size = { count: work.pinnedCount, rounds: work.pinnedRounds };
    for (const [name, costs] of await drainPinned(host, order, size)) {
      (results[name] ??= []).push(costs);
    }
    process.stderr.write(`pinned snapshot, repeat ${repeat + 1} of ${work.pinnedRepeats}\n`);
  }
  return results;
}
