/**
 * Compares triggers with cron libraries in one run: walking forward, reading, listing a year.
 *
 *     npm run bench:time              five rounds, recorded in bench/results/
 *     npm run bench:time -- --quick   one small round, printed only: does it still work?
 *
 * Ends with an error when the libraries disagree away from clock changes, not when a target is
 * missed: speed is for people to judge.
 */

import { strict as assert } from "node:assert";
import { parseArgs } from "node:util";

import { instantFromMillis } from "orrery/time";

import { describeMachine } from "../machine.ts";
import { writeResults } from "../results-file.ts";
import { rotated } from "../statistics.ts";
import { compareLibraries } from "./agreement.ts";
import { mixedExpressions, startMs, summerStartMs, yearEndMs } from "./expressions.ts";
import {
  croner,
  cronerKept,
  cronParser,
  type Library,
  orrery,
  orreryTrigger,
} from "./libraries.ts";
import { renderReport, type Recording, type Round } from "./report.ts";

/** How much work a run of the bench does. */
interface Amount {
  readonly rounds: number;
  /** Fires that each walk takes per expression; more than 70 would meet a clock change. */
  readonly steps: number;
  /** Minutes that a peer walks in place of a year. */
  readonly minutes: number;
}

const fullAmount: Amount = { rounds: 7, steps: 60, minutes: 2 * 24 * 60 };
const quickAmount: Amount = { rounds: 1, steps: 10, minutes: 60 };

/** Orrery does the same work so many times over: once is too short for the clock. */
const repeats = 50;
/** How often a round reads each expression. */
const parseRepeats = 20;

const libraries: readonly Library[] = [orrery(), croner, cronerKept, cronParser];

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const recording = await record(flags.quick ? quickAmount : fullAmount);
const report = renderReport(recording);
process.stdout.write(`${report}\n`);
if (!flags.quick) await writeResults("time", { report, recording });

async function record(amount: Amount): Promise<Recording> {
  const { rounds, steps } = amount;
  const agreement = compareLibraries(steps);
  // The first calls compile the code: done once and not counted.
  measureRound(amount, 0);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push(measureRound(amount, round));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return {
    machine: await describeMachine(),
    node: process.version,
    versions: libraries.map(({ name, version }) => ({ name, version })),
    ...amount,
    expressions: mixedExpressions,
    agreement,
    measured,
  };
}

/** All libraries side by side for each piece of work, starting with another one each round. */
function measureRound({ steps, minutes }: Amount, round: number): Round {
  const next: Record<string, Record<string, number>> = {};
  for (const expression of mixedExpressions) {
    const times: Record<string, number> = {};
    const ends = new Set<number>();
    for (const library of rotated(libraries, round)) {
      const walk = library.during(() => timeWalk(library, expression, steps));
      times[library.name] = walk.ns;
      ends.add(walk.lastMs);
    }
    assert.equal(ends.size, 1, `walks of ${expression} end apart`);
    next[expression] = times;
  }
  const parse: Record<string, number> = {};
  const minutely: Record<string, number> = {};
  for (const library of rotated(libraries, round)) {
    parse[library.name] = library.during(() => timeParse(library));
    minutely[library.name] =
      library.name === "orrery" ? timeYear() : library.during(() => timeMinutes(library, minutes));
  }
  return { next, parse, minutely };
}

/** Nanoseconds of one step. */
function timeWalk(
  library: Library,
  expression: string,
  steps: number,
): { readonly ns: number; readonly lastMs: number } {
  const parsed = library.parse(expression);
  const count = library.name === "orrery" ? repeats : 1;
  let lastMs = 0;
  const ns = timed(() => {
    for (let index = 0; index < count; index += 1) lastMs = parsed.walk(startMs, steps);
  });
  return { ns: ns / (count * steps), lastMs };
}

/** Nanoseconds of reading one expression. */
function timeParse(library: Library): number {
  const count = library.name === "orrery" ? parseRepeats * repeats : parseRepeats;
  const ns = timed(() => {
    for (let index = 0; index < count; index += 1) {
      for (const expression of mixedExpressions) library.parse(expression);
    }
  });
  return ns / (count * mixedExpressions.length);
}

/** Nanoseconds of each minute of a year in one `between`, clock changes included. */
function timeYear(): number {
  const trigger = orreryTrigger("* * * * *");
  const [from, to] = [instantFromMillis(startMs), instantFromMillis(yearEndMs)];
  let found = 0;
  const ns = timed(() => {
    found = trigger.between(from, to, Number.MAX_SAFE_INTEGER).length;
  });
  assert.equal(found, (yearEndMs - startMs) / 60_000);
  return ns / found;
}

/** Nanoseconds of each minute in a loop over a shorter span. */
function timeMinutes(library: Library, minutes: number): number {
  const parsed = library.parse("* * * * *");
  let lastMs = 0;
  const ns = timed(() => {
    lastMs = parsed.walk(summerStartMs, minutes);
  });
  assert.equal(lastMs, summerStartMs + minutes * 60_000);
  return ns / minutes;
}

function timed(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}
