/**
 * Orrery beside other queues: one server, all systems in turn, everything through their public
 * interfaces.
 *
 *     npm run bench:queue                         all rows but the soak, five rounds, recorded
 *     npm run bench:queue -- --only drain,types   some rows; the others stay as they are recorded
 *     npm run bench:queue -- --only soak          half an hour for each system
 *     npm run bench:queue -- --quick              one small round of all rows, printed only
 *
 * `--rounds`, `--soak-minutes` and `--systems` (names, comma-separated) ask for more or for less;
 * with `--record` rows are kept although not all systems take part.
 * Ends with an error when a result is wrong, not when a target is missed: speed is for people to
 * judge.
 */

import { describeMachine, readLoad } from "../machine.ts";
import { readResults, writeResults } from "../results-file.ts";
import { inRounds } from "../rounds.ts";
import { type Options, readOptions } from "./options.ts";
import {
  isRecording,
  type Recording,
  recordingFormat,
  type RowRecord,
  withEarlierSoaks,
} from "./recording.ts";
import { renderReport } from "./report.ts";
import { measureRecurring, measureTypes } from "./rows-orrery.ts";
import * as rows from "./rows.ts";
import { measureSoak } from "./soak.ts";
import { openStage, type Stage } from "./stage.ts";
import { orreryApart } from "./system-orrery.ts";
import type { System } from "./system.ts";
import { listSystems } from "./systems.ts";

/** Jobs of each system before anything is measured. */
const warmUpCount = 5_000;

const options = readOptions(process.argv.slice(2));
await using stage = await openStage({ isDurable: options.isTimed });
const systems = chooseSystems(stage, options);
if (options.isTimed) await warmUp();
const measured: Recording["rows"] = {};
for (const row of options.rows) {
  Object.assign(measured, await measureRow(row));
  // Row by row: what was measured is kept, whatever becomes of the next.
  if (options.isRecorded) await keep(measured);
}
process.stdout.write(`${renderReport({ format: recordingFormat, rows: measured })}\n`);

/** Puts rows in the place of those that are recorded; the others stay as they are. */
async function keep(rowsToKeep: Recording["rows"]): Promise<void> {
  const known = await readResults("queue");
  const earlier = isRecording(known) ? known.rows : {};
  const { soak } = rowsToKeep;
  const soaks = soak === undefined ? {} : { soak: withEarlierSoaks(soak, earlier.soak) };
  const rowsTogether = { ...earlier, ...rowsToKeep, ...soaks };
  const recording: Recording = { format: recordingFormat, rows: rowsTogether };
  await writeResults("queue", { report: renderReport(recording), recording });
}

/** The first use of a server and of this process is the slowest: done once and not counted. */
async function warmUp(): Promise<void> {
  const amount = { ...options.amount, drainCount: warmUpCount };
  for (const system of systems) await rows.measureDrain({ stage, system, amount });
}

async function measureRow(row: keyof Recording["rows"]): Promise<Recording["rows"]> {
  const onPostgres = systems.filter(({ storage }) => storage === "postgresql");
  const products = systems.filter(({ isProduct }) => isProduct);
  const alone = systems.slice(0, 1);
  switch (row) {
    case "drain":
      return { drain: await record(row, systems, rows.measureDrain) };
    case "single":
      return { single: await record(row, systems, rows.measureSingle) };
    case "latency":
      return { latency: await record(row, [...products, orreryApart], rows.measureLatency) };
    case "recurring":
      return { recurring: await record(row, alone, measureRecurring) };
    case "types":
      return { types: await record(row, alone, measureTypes) };
    case "backlog":
      return { backlog: await record(row, systems, rows.measureBacklog) };
    case "pinned":
      return { pinned: await record(row, onPostgres, rows.measurePinned) };
    case "soak":
      // Each stands for itself, so ours need not take part.
      return { soak: await record(row, products.filter(isAskedFor), measureSoak) };
    default:
      return row satisfies never;
  }
}

function isAskedFor({ name }: System): boolean {
  return options.systems?.has(name) !== false;
}

/** The systems that were asked for; Orrery is always among them, as the first. */
function chooseSystems({ redis }: Stage, { systems: wanted }: Options): readonly System[] {
  const all = listSystems(redis);
  const unknown = [...(wanted ?? [])].filter((name) => all.every((each) => each.name !== name));
  if (unknown.length > 0) {
    const names = all.map(({ name }) => name).join(", ");
    throw new Error(`--systems: expected some of ${names}, not ${unknown.join(", ")}`);
  }
  return all.filter((system, index) => index === 0 || isAskedFor(system));
}

/** One soak is long enough; of everything else there are rounds. */
async function record<T>(
  row: string,
  takingPart: readonly System[],
  measure: (task: rows.Task) => Promise<T>,
): Promise<RowRecord<T>> {
  const { amount } = options;
  const loads: string[] = [];
  const entries = takingPart.map((system, index) => ({
    name: system.name,
    run: async () => {
      if (index === 0) loads.push(await readLoad());
      return await measure({ stage, system, amount });
    },
  }));
  process.stderr.write(`${row}: ${takingPart.map(({ name }) => name).join(", ")}\n`);
  const byName = await inRounds(row === "soak" ? 1 : amount.rounds, entries);
  return {
    machine: await describeMachine(),
    loads,
    node: process.version,
    postgres: stage.postgres.version,
    systems: takingPart.map(({ name, version, configuration, storage, isProduct }) => ({
      name,
      version,
      configuration,
      storage,
      isProduct,
    })),
    amount,
    measured: byName,
  };
}
