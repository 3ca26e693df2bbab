/**
 * Days of visits under a manual clock: the frontier and its queues are real, in a real database;
 * time, the repositories and the loader that visits them are not.
 */

import { defineTask, failed, type TaskDefinition, uneventful, type VisitInput } from "orrery";
import { createManualClock, openStepped, type SteppedScheduler } from "orrery/testing";
import { LagBook, type LagOfDay } from "./lag.ts";
import { lastChangeMs, type Repository, Upstream } from "./upstream.ts";

/** What is played. */
export interface SimulationOptions {
  /** An empty directory for the embedded database, or the address of another one. */
  readonly database: { readonly dataDirectory: string } | { readonly databaseUrl: string };
  readonly urls: readonly string[];
  readonly dayCount: number;
  /** Visits that the workers make in an hour, 1 to 500. */
  readonly visitsPerHour: number;
  readonly seed: number;
  /** Told about each day when it has ended. */
  readonly onDay?: (lag: LagOfDay) => void;
}

const hourMs = 3_600_000;
/** One step: the queue is filled, all of it is visited, two hours pass. */
const stepHours = 2;
const stepsPerDay = 24 / stepHours;
const listingMax = 5_000;

/** Plays the days, and answers how far the visits were behind on each. */
export async function simulate(options: SimulationOptions): Promise<readonly LagOfDay[]> {
  const clock = createManualClock();
  const startMs = millisOf(clock.now());
  const upstream = new Upstream(options.urls, { seed: options.seed, startMs });
  const book = new LagBook(startMs);
  const queueLength = options.visitsPerHour * stepHours;
  const nowMs = (): number => millisOf(clock.now());
  await using stepped = await openStepped({
    ...options.database,
    clock,
    seed: options.seed,
    slotCount: queueLength,
    tasks: [defineLoader({ upstream, book, nowMs })],
    visits: { git: { task: "load-git", queueLength } },
  });
  const lags: LagOfDay[] = [];
  await list(stepped, upstream.repositories, { nowMs: startMs, finished: true });
  for (let day = 1; day <= options.dayCount; day += 1) {
    for (let step = 0; step < stepsPerDay; step += 1) {
      await stepped.step({ tookMs: stepHours * hourMs });
    }
    await list(stepped, changedLately(upstream, nowMs()), { nowMs: nowMs(), finished: false });
    const lag = book.endDay(day, nowMs(), upstream.repositories);
    options.onDay?.(lag);
    lags.push(lag);
  }
  return lags;
}

interface World {
  readonly upstream: Upstream;
  readonly book: LagBook;
  readonly nowMs: () => number;
}

/** The fake loader: it looks at the made-up repository, and answers as a real one would. */
function defineLoader({ upstream, book, nowMs }: World): TaskDefinition<VisitInput> {
  return defineTask<VisitInput>({
    name: "load-git",
    retry: { limit: 0 },
    retentionClass: "brief",
    run: ({ params: { url, policy } }) => {
      const found = upstream.visit(url, nowMs());
      book.noteVisit();
      switch (found.kind) {
        case "snapshot":
          book.noteSeen(upstream.at(url), { policy, nowMs: nowMs() });
          return { snapshot: found.snapshot };
        case "not-found":
          return uneventful({ notFound: true });
        case "failure":
          return failed(found.reason);
      }
    },
  });
}

/** What a lister that looks once a day has to tell anew. */
function changedLately(upstream: Upstream, nowMs: number): readonly Repository[] {
  return upstream.repositories.filter(
    (each) => each.isDated && lastChangeMs(each, nowMs) > nowMs - 24 * hourMs,
  );
}

async function list(
  { orrery }: SteppedScheduler,
  repositories: readonly Repository[],
  { nowMs, finished }: { readonly nowMs: number; readonly finished: boolean },
): Promise<void> {
  for (let start = 0; start < repositories.length; start += listingMax) {
    const part = repositories.slice(start, start + listingMax);
    await orrery.frontier.importOrigins({
      lister: { name: "debian", firstVisits: true },
      origins: part.map((each) => ({
        url: each.url,
        visitType: "git",
        lastUpdateAt: each.isDated ? textOf(lastChangeMs(each, nowMs)) : null,
      })),
      finished: finished && start + listingMax >= repositories.length,
    });
  }
}

/** An instant is a bigint of microseconds. */
function millisOf(instant: bigint): number {
  return Number(instant) / 1_000;
}

function textOf(ms: number): string {
  return new Date(ms).toISOString();
}
