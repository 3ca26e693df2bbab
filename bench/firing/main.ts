/**
 * How fast a burst of due triggers becomes runs, and what triggers that are not due cost.
 *
 *     npm run bench:firing              five rounds, recorded in bench/results/
 *     npm run bench:firing -- --quick   one small round, printed only: does it still work?
 */

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { Orrery } from "orrery";
import pg from "pg";

import { describeMachine } from "../machine.ts";
import { writeResults } from "../results-file.ts";
import { rotated } from "../statistics.ts";
import { measureBurst, measureIdle, type Burst, type ServerCost } from "./measure.ts";
import { renderReport, type Recording } from "./report.ts";
import { openStage, type Stage } from "./stage.ts";

/** How much work a run of the bench does. */
interface Amount {
  readonly rounds: number;
  readonly count: number;
  readonly idleMs: number;
  /** Triggers that are there and not due; the first is the base. */
  readonly residentCounts: readonly number[];
}

const fullAmount: Amount = {
  rounds: 5,
  count: 10_000,
  idleMs: 4_000,
  residentCounts: [0, 100_000, 1_000_000],
};
const quickAmount: Amount = { rounds: 1, count: 500, idleMs: 1_000, residentCounts: [0, 5_000] };

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const recording = await record(flags.quick ? quickAmount : fullAmount);
const report = renderReport(recording);
process.stdout.write(`${report}\n`);
if (!flags.quick) await writeResults("firing", { report, recording });

/** A burst to measure once per round. */
interface Entry {
  readonly stage: Stage;
  readonly processCount: number;
  readonly measured: Burst[];
}

async function record(amount: Amount): Promise<Recording> {
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(path.join(tmpdir(), "orrery-firing-"));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  // Root's server runs as another user: one that cannot pass would get a place elsewhere.
  await chmod(root, 0o711);
  const dataDirectory = path.join(root, "data");
  // Keeps the server running; fires nothing itself.
  const owner = stack.use(await Orrery.open({ dataDirectory, worker: false, fire: false }));
  const client = new pg.Client({ connectionString: owner.connectionString });
  await client.connect();
  stack.defer(() => client.end());
  const stages: Stage[] = [];
  for (const residentCount of amount.residentCounts) {
    const place = { url: owner.connectionString, schema: `resident_${residentCount}` };
    stages.push(stack.use(await openStage(client, place, residentCount)));
    process.stderr.write(`${residentCount} resident triggers are there\n`);
  }
  const measured = await measureRounds(stages, amount);
  const answer = await client.query<{ version: string }>("select version()");
  return {
    version: answer.rows[0]?.version ?? "unknown",
    machine: await describeMachine(),
    node: process.version,
    rounds: amount.rounds,
    count: amount.count,
    idleMs: amount.idleMs,
    ...measured,
  };
}

/** Everything once per round, each round starting with another one. */
async function measureRounds(
  stages: readonly Stage[],
  { rounds, count, idleMs }: Amount,
): Promise<Pick<Recording, "bursts" | "idle">> {
  const entries: Entry[] = stages.flatMap((stage, index) =>
    // Two processes only where nothing else differs from the base.
    (index === 0 ? [1, 2] : [1]).map((processCount) => ({ stage, processCount, measured: [] })),
  );
  const idle = stages.map((stage) => ({ stage, measured: new Array<ServerCost>() }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { stage, processCount, measured } of rotated(entries, round)) {
      measured.push(await measureBurst(stage, { count, processCount }));
    }
    for (const { stage, measured } of rotated(idle, round)) {
      measured.push(await measureIdle(stage, idleMs));
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return {
    bursts: entries.map(({ stage: { residentCount }, processCount, measured }) => ({
      residentCount,
      processCount,
      measured,
    })),
    idle: idle.map(({ stage: { residentCount }, measured }) => ({ residentCount, measured })),
  };
}
