/**
 * The frontier beside that of the Software Heritage scheduler: one server, both on the same
 * origins, in turn.
 *
 *     npm run bench:frontier                                  a million origins, recorded
 *     npm run bench:frontier -- --origins 1000000,5000000     and five: how it grows
 *     npm run bench:frontier -- --quick                       one small round, printed only
 *
 * `--rounds` asks for more or for less; `--only` for some parts (grabs, batches, callers, mixed,
 * tasks), printed only. Ends with an error when a result is wrong, not when a
 * target is missed: speed is for people to judge.
 */

import { strict as assert } from "node:assert";
import { parseArgs } from "node:util";

import { SwhRemoteScheduler } from "orrery/swh";

import { describeMachine, readLoad } from "../machine.ts";
import { startServer, type Server } from "../postgres-server.ts";
import { writeResults } from "../results-file.ts";
import { countsAreRight, measureBatches, measureCounts } from "./batches.ts";
import {
  compareKeys,
  countWrongPlaces,
  type CrowdAmount,
  type Faults,
  measureCrowd,
  mixLoad,
  openCrowd,
} from "./crowd.ts";
import { Chosen, type Ground, measureGrabs } from "./grabs.ts";
import { Items } from "./items.ts";
import { policyNames } from "./reference.ts";
import { type Recording, renderReport } from "./report.ts";
import { Samples } from "./samples.ts";
import { ourSide } from "./sides.ts";
import { openStage } from "./stage.ts";
import { serve } from "./swh-server.ts";
import { measureTaskRpc, type TaskRpcAmount } from "./task-rpc.ts";

/** How much work a run of the bench does. */
interface Amount {
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Batches of each kind in a round. */
  readonly batchCount: number;
  readonly crowd: CrowdAmount;
  /** Bursts of mixed load; sort keys are compared after each. */
  readonly mixed: { readonly bursts: number; readonly burstMs: number };
  readonly tasks: TaskRpcAmount;
  readonly parts: ReadonlySet<Part>;
}

/** What can be left out. */
const parts = ["grabs", "batches", "callers", "mixed", "tasks"] as const;
type Part = (typeof parts)[number];

const fullAmount: Amount = {
  sizes: [1_000_000],
  rounds: 5,
  batchCount: 4,
  crowd: { counts: [100, 1_000], calls: { ours: 8, reference: 1 } },
  mixed: { bursts: 3, burstMs: 8_000 },
  tasks: { rounds: 6, callCount: 30, residentCount: 100_000 },
  parts: new Set(parts),
};
const quickAmount: Amount = {
  sizes: [40_000],
  rounds: 1,
  batchCount: 1,
  crowd: { counts: [100], calls: { ours: 1, reference: 1 } },
  mixed: { bursts: 1, burstMs: 500 },
  tasks: { rounds: 1, callCount: 2, residentCount: 1_000 },
  parts: new Set(parts),
};

/** Batches of each kind before anything is measured. */
const warmUpRounds = 3;

/** When nobody looked for any. */
const noFaults: Faults = {
  doubles: 0,
  failures: 0,
  wrongKeys: 0,
  wrongPlaces: 0,
  calls: 0,
  choicesCompared: 0,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    origins: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string" },
  },
});
const amount = readAmount();
await using server = await startServer({ isDurable: !flags.quick });
const recording = await record(server, amount);
const report = renderReport(recording);
process.stdout.write(`${report}\n`);
// A part, or few rounds, would take the place of what says more.
const isRecorded = !flags.quick && flags.only === undefined && amount.rounds >= fullAmount.rounds;
if (isRecorded) await writeResults("frontier", { report, recording });
checkRight(recording);

/** Speed is for people to judge; what is wrong is an error. */
function checkRight({ faults, countsRight }: Recording): void {
  const { calls, choicesCompared } = faults;
  assert.deepEqual(faults, { ...noFaults, calls, choicesCompared });
  assert(countsRight, "the counts are not those of a full count");
}

function readAmount(): Amount {
  const base = flags.quick ? quickAmount : fullAmount;
  const { origins, rounds, only } = flags;
  return {
    ...base,
    sizes: origins === undefined ? base.sizes : origins.split(",").map(readCount("origins")),
    rounds: rounds === undefined ? base.rounds : readCount("rounds")(rounds),
    parts: only === undefined ? base.parts : new Set(only.split(",").map(readPart)),
  };
}

function readPart(text: string): Part {
  const part = parts.find((each) => each === text);
  if (part !== undefined) return part;
  throw new Error(`--only: expected some of ${parts.join(", ")}, not ${text}`);
}

function readCount(name: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count > 0) return count;
    throw new Error(`--${name}: expected a whole number above 0, not ${text}`);
  };
}

async function record(postgres: Server, amounts: Amount): Promise<Recording> {
  await using stack = new AsyncDisposableStack();
  const samples = new Samples();
  const loads = [await readLoad()];
  const grounds: Ground[] = [];
  for (const size of amounts.sizes) {
    const stage = stack.use(await openStage(postgres, size));
    grounds.push({ stage, items: new Items(stage), samples, chosen: new Chosen() });
    process.stderr.write(`${size} origins are there\n`);
  }
  // Both agree on what is there; and they have used their plans once.
  let countsRight = await agree(grounds);
  await measureRounds(grounds, amounts, loads);
  const [first] = grounds;
  assert(first);
  const faults = amounts.parts.has("mixed") ? await findFaults(first, amounts) : noFaults;
  for (const ground of grounds) countsRight &&= await countsAreRight(ground);
  loads.push(await readLoad());
  return {
    machine: await describeMachine(),
    loads,
    node: process.version,
    postgres: postgres.version,
    amount: { sizes: amounts.sizes, rounds: amounts.rounds },
    series: samples.series,
    faults,
    countsRight,
    tasks: amounts.parts.has("tasks")
      ? await measureTaskRpc(postgres.urlOf("postgres"), amounts.tasks)
      : { create: {}, grab: {} },
  };
}

/** Before anything is measured both count the same and choose by the same keys. */
async function agree(grounds: readonly Ground[]): Promise<boolean> {
  for (const ground of grounds) {
    const { ours, reference } = ground.stage;
    assert.deepEqual(await ours.countAll(), await reference.countAll());
    const { wrongKeys } = await compareKeys(ground, 100);
    assert.equal(wrongKeys, 0);
    // The first use of a statement and of this process is the slowest: done and not counted.
    for (const policy of policyNames) await reference.grab(policy, 100);
    const warm = { ...ground, samples: new Samples() };
    for (let round = 0; round < warmUpRounds; round += 1) {
      await measureBatches(warm, { round, batchCount: 1, remote: undefined });
    }
  }
  return true;
}

async function measureRounds(
  grounds: readonly Ground[],
  { rounds, batchCount, crowd, parts: wanted }: Amount,
  loads: string[],
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  // What only ours is asked, or many at once, is asked on the first ground.
  const [first] = grounds;
  assert(first);
  const references = await openCrowd(first);
  const { schema, url: connectionString } = first.stage;
  const { url } = stack.use(await serve({ connectionString, schema }));
  const remote = ourSide(new SwhRemoteScheduler({ url, dialect: "current" }));
  for (let round = 0; round < rounds; round += 1) {
    loads.push(await readLoad());
    if (wanted.has("grabs")) await measureGrabs(grounds, round);
    process.stderr.write(`round ${round + 1} of ${rounds}: grabs\n`);
    for (const ground of wanted.has("batches") ? grounds : []) {
      const of = { round, batchCount, remote: ground === first ? remote : undefined };
      await measureBatches(ground, of);
      await measureCounts(ground, round);
    }
    if (wanted.has("callers")) await measureCrowd(first, references, { ...crowd, round });
    process.stderr.write(`round ${round + 1} of ${rounds}: batches, metrics, callers\n`);
  }
}

/** Everybody at work, and what is wrong afterwards. */
async function findFaults(ground: Ground, { mixed }: Amount): Promise<Faults> {
  const sum = { calls: 0, failures: 0, choicesCompared: 0, wrongKeys: 0 };
  for (let burst = 0; burst < mixed.bursts; burst += 1) {
    const load = await mixLoad(ground, mixed.burstMs);
    sum.calls += load.calls;
    sum.failures += load.failures;
    const compared = await compareKeys(ground, 1_000);
    sum.choicesCompared += compared.choicesCompared;
    sum.wrongKeys += compared.wrongKeys;
    process.stderr.write(`burst ${burst + 1} of ${mixed.bursts}\n`);
  }
  return { ...sum, doubles: ground.chosen.doubles, wrongPlaces: await countWrongPlaces(ground) };
}
