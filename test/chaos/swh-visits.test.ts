/**
 * Goal: however many processes choose origins at once, also beside listers, loaders and counts, and
 * also when some are killed in the middle, no origin is handed out twice, none is left behind, none
 * is stored twice, and all copies in the frontier say what is true. Method: eight processes over
 * up to 100,000 origins, a third of which a second lister lists too; each tells what it got, and
 * the laws of the tables say the rest.
 */

import { expect, test } from "vitest";
import { createLocalSwhScheduler } from "../../src/compat/swh/local-scheduler.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openStore } from "../../src/store/open.ts";
import { brokenLaws } from "../frontier/laws.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { ChildProgram } from "./child-program.ts";
import { until } from "./conditions.ts";
import type { Line } from "./parent-lines.ts";
import { updateOf, urlOf, visitType } from "./frontier-work.ts";

const processCount = 8;
const batch = 200;

/** Items of a listing: more than one statement's, so that the batches have to be in order. */
const listedCount = 1_500;

/** Two listers, of which the second lists every third origin as well; answers their ids. */
async function listAll(
  { connectionString }: TestDatabase,
  originCount: number,
): Promise<readonly string[]> {
  await using store = await openStore({ connectionString, clock: systemClock });
  const scheduler = createLocalSwhScheduler({ store });
  const listerIds: string[] = [];
  for (const [name, step] of [
    ["all", 1],
    ["third", 3],
  ] as const) {
    const { id } = await scheduler.getOrCreateLister({ name });
    listerIds.push(id);
    const numbers = Array.from({ length: originCount / step }, (_, index) => index * step);
    for (let start = 0; start < numbers.length; start += 5_000) {
      const listed = numbers.slice(start, start + 5_000).map((number) => ({
        listerId: id,
        url: urlOf(number),
        visitType,
        lastUpdate: updateOf(number),
      }));
      await scheduler.recordListedOrigins(listed);
    }
  }
  return listerIds;
}

interface Field {
  readonly database: TestDatabase;
  readonly originCount: number;
  readonly listerIds: readonly string[];
  readonly stack: AsyncDisposableStack;
}

/** Starts processes that do this work; they wait for the order. */
async function started(
  { database: { connectionString }, originCount, listerIds, stack }: Field,
  works: readonly string[],
): Promise<readonly ChildProgram[]> {
  const processes = works.map((work, seed) =>
    stack.use(
      new ChildProgram("swh-visits-program.ts", {
        connectionString,
        originCount,
        listerIds: listerIds.join(" "),
        batch: work === "list" ? listedCount : batch,
        work,
        seed,
      }),
    ),
  );
  for (const each of processes) await each.hears(({ kind }) => kind === "ready", "its start");
  return processes;
}

function batchesOf(process: ChildProgram): readonly (readonly string[])[] {
  return process.told
    .filter(({ kind }) => kind === "grabbed")
    .map(({ urls }) => (Array.isArray(urls) ? urls.map(String) : []));
}

/** Addresses that were handed out; one that two listers list comes twice, but in one batch. */
function handedOut(processes: readonly ChildProgram[]): readonly string[] {
  return processes.flatMap((each) => batchesOf(each).flatMap((urls) => [...new Set(urls)]));
}

function hasEnded({ kind }: Line): boolean {
  return kind === "done" || kind === "failed";
}

function failuresOf(processes: readonly ChildProgram[]): readonly unknown[] {
  return processes.flatMap((each) =>
    each.told.filter(({ kind }) => kind === "failed").map(({ message }) => message),
  );
}

test("of eight processes no two are handed one origin, and none is left behind", async () => {
  await using database = await createDatabase();
  await using stack = new AsyncDisposableStack();
  const originCount = 100_000;
  const listerIds = await listAll(database, originCount);
  const field = { database, originCount, listerIds, stack };
  const works = Array.from({ length: processCount }, () => "grab");
  const processes = await started(field, works);
  for (const each of processes) each.order({ kind: "go" });
  const [victim, ...others] = processes;
  await victim?.hears(({ kind }) => kind === "grabbed", "its first batch");
  await victim?.kill();
  for (const each of others) await each.hears(hasEnded, "its end", 240_000);

  expect(failuresOf(processes)).toEqual([]);
  const urls = handedOut(processes);
  expect(new Set(urls).size).toBe(urls.length);
  // The one that was killed may have been handed a batch that it could not tell of any more.
  expect(originCount - urls.length).toBeLessThanOrEqual(batch);
  const left = "select count(*)::int as n from orrery.origin where last_scheduled_at is null";
  expect(await database.query(left)).toEqual([{ n: 0 }]);
  expect(await brokenLaws(database)).toEqual([]);
  // It would prove little if one process had taken everything.
  expect(others.filter((each) => batchesOf(each).length > 10).length).toBeGreaterThan(4);
});

test("beside listers, loaders and counts nothing is handed out twice or told wrong", async () => {
  await using database = await createDatabase();
  await using stack = new AsyncDisposableStack();
  const originCount = 20_000;
  const listerIds = await listAll(database, originCount);
  const field = { database, originCount, listerIds, stack };
  const works = ["list", "list", "list", "visit", "visit", "count", "grab", "grab"];
  const processes = await started(field, works);
  for (const each of processes) each.order({ kind: "go" });
  // One of each kind that writes goes in the middle of its work.
  for (const index of [0, 3, 6]) {
    const victim = processes[index];
    const worked = (): boolean => (victim?.told.length ?? 0) > 3;
    await until(worked, { what: `${works[index]} to work`, withinMs: 60_000 });
    await victim?.kill();
  }
  const others = processes.filter((each) => each.isAlive);
  const hasWorked = (): boolean =>
    failuresOf(others).length > 0 || others.every(({ told }) => told.length > 20);
  await until(hasWorked, { what: "everybody to work", withinMs: 200_000 });
  for (const each of others) each.order({ kind: "stop" });
  for (const each of others) await each.hears(hasEnded, "its end", 60_000);

  expect(failuresOf(processes)).toEqual([]);
  const urls = handedOut(processes);
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls.length).toBeGreaterThan(batch);
  expect(await brokenLaws(database)).toEqual([]);
});
