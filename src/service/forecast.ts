/** Use case of the forecast: what will run, when, and how busy that makes the workers. */

import { InvalidInputError } from "../kernel/errors.ts";
import { ifPresent, invalidField, readNumber, readText } from "../kernel/fields.ts";
import { type TaskId, toId, type TriggerId } from "../kernel/ids.ts";
import { addMillis, type Instant, instantMax, parseInstant } from "../kernel/instant.ts";
import type { Forecast, ForecastFilter, ForecastTrigger } from "../model/forecast.ts";
import type { Store } from "../model/store.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import type { TaskType } from "../model/task-type.ts";
import type { ServiceContext } from "./context.ts";
import { ForecastTally } from "./forecast-tally.ts";

/** Hours of a forecast, unless the caller says otherwise. */
export const forecastHoursDefault = 24;
/** The longest forecast: 31 days. */
export const forecastHoursMax = 744;
/** Occurrences that are listed, unless the caller says otherwise. */
export const forecastLimitDefault = 100;
/** Occurrences that are listed at most. */
export const forecastLimitMax = 1_000;

/** Triggers that are read at one time; other work gets its turn in between. */
const triggerPageSize = 500;
/** Triggers that one forecast looks at; adding them up takes some ten seconds at the worst. */
const triggersMax = 100_000;
/** Queued runs that one forecast counts. */
const waitingMax = 100_000;
/** Milliseconds of history that durations are learned from, tried in turn. */
const learnedSpansMs = [3_600_000, 86_400_000, 2_592_000_000] as const;
/** Attempts of each retention class that they are learned from. */
const learnedSampleMax = 20_000;
/** Types too rare for that sample whose tasks are asked one by one. */
const rareTypesMax = 200;

/** What to forecast; every field is checked. */
export interface ForecastFields {
  readonly hours?: unknown;
  readonly from?: unknown;
  readonly type?: unknown;
  readonly taskId?: unknown;
  readonly limit?: unknown;
}

/**
 * What will run in a span that begins now, or later.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export async function getForecast(
  { store }: ServiceContext,
  fields: ForecastFields,
): Promise<Forecast> {
  const request = readForecast(fields);
  const { filter } = request;
  const [now, pausedAt, allTypes] = await Promise.all([
    store.system.now(),
    store.system.findPausedAt(),
    store.taskTypes.list(),
  ]);
  const types = allTypes.filter(({ name }) => (filter.typeName ?? name) === name);
  const span = spanOf(request, now);
  const names = types.map(({ name }) => name);
  const durations = await learnDurations(store, { names, now });
  const scope = { ...span, now, limit: request.limit, durations };
  const tally = new ForecastTally(scope);
  const triggers = await addTriggers(store, { tally, filter, to: span.to });
  const allOutstanding = await addOutstanding(store, { tally, filter });
  const allWaiting = await addWaiting(store, { tally, filter, ...span, limit: request.limit });
  const expected = expectedTypes(tally, { types, durations });
  const count = expected.reduce((sum, each) => sum + each.count, 0);
  const occurrences = tally.occurrences();
  return {
    now,
    ...span,
    pausedAt: pausedAt ?? null,
    count,
    busyMs: expected.reduce((sum, each) => sum + each.busyMs, 0),
    complete: triggers.all && allOutstanding && allWaiting,
    unreadableCount: triggers.unreadableCount,
    hours: tally.hours(),
    types: expected,
    occurrences,
    truncated: count > occurrences.length,
  };
}

interface ForecastRequest {
  readonly hours: number;
  readonly from: Instant | undefined;
  readonly limit: number;
  readonly filter: ForecastFilter;
}

function readForecast(fields: ForecastFields): ForecastRequest {
  const whole = (value: unknown, field: string, max: number): number =>
    readNumber(value, { field, min: 1, max, whole: true });
  const hours = ifPresent(fields.hours, (value) => whole(value, "hours", forecastHoursMax));
  const limit = ifPresent(fields.limit, (value) => whole(value, "limit", forecastLimitMax));
  const typeName = ifPresent(fields.type, (value) =>
    readText(value, { field: "type", max: taskTypeNameLettersMax }),
  );
  const taskId = ifPresent(fields.taskId, (value) => toId<TaskId>(value, "taskId"));
  return {
    hours: hours ?? forecastHoursDefault,
    from: ifPresent(fields.from, readFrom),
    limit: limit ?? forecastLimitDefault,
    filter: {
      ...(typeName === undefined ? {} : { typeName }),
      ...(taskId === undefined ? {} : { taskId }),
    },
  };
}

function readFrom(value: unknown): Instant {
  const expected = "an RFC 3339 time with an offset, some time before the year 10000";
  if (typeof value !== "string") throw invalidField("from", { expected, value });
  const from = parseInstant(value, "from");
  if (from <= addMillis(instantMax, -(forecastHoursMax + 1) * 3_600_000)) return from;
  throw invalidField("from", { expected, value });
}

/** What has passed is no forecast: a span that would begin before now begins now. */
function spanOf(
  { from, hours }: ForecastRequest,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } {
  const begin = from === undefined || from < now ? now : from;
  return { from: begin, to: addMillis(begin, hours * 3_600_000) };
}

/** From the latest history that knows a type; types that never ran are absent. */
async function learnDurations(
  store: Store,
  { names, now }: { readonly names: readonly string[]; readonly now: Instant },
): Promise<ReadonlyMap<string, number>> {
  const learned = new Map<string, number>();
  const unknown = (): readonly string[] => names.filter((name) => !learned.has(name));
  for (const spanMs of learnedSpansMs) {
    if (unknown().length === 0) return learned;
    const sample = { since: addMillis(now, -spanMs), limit: learnedSampleMax };
    for (const each of await store.forecast.learnDurations(unknown(), sample)) {
      learned.set(each.typeName, each.durationMs);
    }
  }
  const rare = unknown().slice(0, rareTypesMax);
  for (const each of await store.forecast.learnDurationsOfTasks(rare)) {
    learned.set(each.typeName, each.durationMs);
  }
  return learned;
}

interface Adding {
  readonly tally: ForecastTally;
  readonly filter: ForecastFilter;
}

/** Reads page by page; a trigger that fires meanwhile, and comes again, is counted once. */
async function addTriggers(
  store: Store,
  { tally, filter, to }: Adding & { readonly to: Instant },
): Promise<{ readonly all: boolean; readonly unreadableCount: number }> {
  const seen = new Set<TriggerId>();
  let unreadableCount = 0;
  let after: ForecastTrigger | undefined;
  while (seen.size < triggersMax) {
    const page = { until: to, after, limit: triggerPageSize };
    const triggers = await store.forecast.listTriggers(filter, page);
    for (const trigger of triggers) {
      if (seen.has(trigger.id)) continue;
      seen.add(trigger.id);
      if (!isAdded(tally, trigger)) unreadableCount += 1;
    }
    after = triggers.at(-1);
    if (triggers.length < triggerPageSize) return { all: true, unreadableCount };
  }
  return { all: false, unreadableCount };
}

/** A rule of a later release, say, must not keep all others from being shown. */
function isAdded(tally: ForecastTally, trigger: ForecastTrigger): boolean {
  try {
    tally.addTrigger(trigger);
    return true;
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return false;
    throw thrown;
  }
}

async function addOutstanding(store: Store, { tally, filter }: Adding): Promise<boolean> {
  const triggers = await store.forecast.listOutstanding(filter, triggersMax);
  for (const trigger of triggers) tally.addOutstanding(trigger);
  return triggers.length < triggersMax;
}

async function addWaiting(
  store: Store,
  adding: Adding & { readonly from: Instant; readonly to: Instant; readonly limit: number },
): Promise<boolean> {
  const { tally, filter, from, to, limit } = adding;
  const [counts, runs] = await Promise.all([
    store.forecast.countWaiting(filter, { from, to, limit: waitingMax }),
    store.forecast.listWaiting(filter, { from, to, limit }),
  ]);
  for (const count of counts) tally.addWaiting(count);
  for (const run of runs) tally.listWaiting(run);
  return counts.reduce((sum, { count }) => sum + count, 0) < waitingMax;
}

function expectedTypes(
  tally: ForecastTally,
  known: {
    readonly types: readonly TaskType[];
    readonly durations: ReadonlyMap<string, number>;
  },
): Forecast["types"] {
  const tallied = tally.types();
  return known.types
    .flatMap(({ name, pausedAt }) => {
      const found = tallied.get(name);
      const durationMs = known.durations.get(name) ?? null;
      return found === undefined ? [] : [{ typeName: name, ...found, durationMs, pausedAt }];
    })
    .toSorted((a, b) => b.count - a.count || (a.typeName < b.typeName ? -1 : 1));
}
