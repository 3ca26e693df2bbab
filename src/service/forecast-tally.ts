/**
 * Adds up a forecast, trigger by trigger: pure, and with a cost that does not depend on how often
 * a trigger fires. Counts are complete; of the single occurrences only the first ones are kept.
 */

import { addMillis, formatInstant, type Instant } from "../kernel/instant.ts";
import type {
  ForecastHour,
  ForecastOccurrence,
  ForecastTrigger,
  OutstandingTrigger,
  WaitingCount,
  WaitingRun,
} from "../model/forecast.ts";
import { countByHour, hourOf } from "../time/count-by-hour.ts";
import { type Trigger, triggerFromSpec } from "../time/trigger.ts";

/** What a forecast is about. */
export interface ForecastScope {
  readonly now: Instant;
  /** Not before `now`. */
  readonly from: Instant;
  readonly to: Instant;
  /** Occurrences that are listed at most. */
  readonly limit: number;
  /** Milliseconds that a run takes, by type name; types without history are absent. */
  readonly durations: ReadonlyMap<string, number>;
}

/** Rules and counts that are remembered, for triggers that are alike. */
const rememberedMax = 1_000;
/** Microseconds of an hour. */
const hourMicros = 3_600_000_000n;

/** What is known of a type so far. */
export interface TypeTally {
  readonly count: number;
  readonly busyMs: number;
}

/** The forecast as far as it has been added up. */
export class ForecastTally {
  readonly #scope: ForecastScope;
  readonly #firstHour: number;
  readonly #counts: Float64Array;
  readonly #busyMs: Float64Array;
  readonly #types = new Map<string, number>();
  readonly #earliest: Earliest;
  readonly #rules = new Map<string, Trigger>();
  readonly #remembered = new Map<string, Uint32Array>();

  constructor(scope: ForecastScope) {
    this.#scope = scope;
    this.#firstHour = hourOf(scope.from);
    const hourCount = hourOf(scope.to) - this.#firstHour + 1;
    this.#counts = new Float64Array(hourCount);
    this.#busyMs = new Float64Array(hourCount);
    this.#earliest = new Earliest(scope.limit);
  }

  /**
   * Adds a trigger that has a next fire time. One that is overdue fires now, once.
   * @throws InvalidInputError `ORR_INPUT_TRIGGER` `ORR_INPUT_ZONE` when its rule cannot be read
   */
  addTrigger(trigger: ForecastTrigger): void {
    const { nextFireAt, intervalMs } = trigger;
    if (intervalMs !== null) {
      this.#addAdaptive({ ...trigger, intervalMs }, this.#laterOfNow(nextFireAt));
      return;
    }
    const rule = this.#ruleOf(ruleSpecOf(trigger));
    this.#addSeries(trigger, { first: this.#laterOfNow(nextFireAt), rule, source: "calendar" });
  }

  /** Adds an adaptive trigger whose run has not ended; it fires an interval after that. */
  addOutstanding(trigger: OutstandingTrigger): void {
    const endsAt = addMillis(trigger.beginsAt, this.#durationOf(trigger.typeName));
    this.#addAdaptive(trigger, addMillis(this.#laterOfNow(endsAt), trigger.intervalMs));
  }

  /** Adds queued runs by the number; those to be listed come by `listWaiting`. */
  addWaiting({ typeName, hour, count }: WaitingCount): void {
    this.#addCounts(typeName, { firstIndex: hour - this.#firstHour, counts: [count] });
  }

  /** Lists a queued run that is counted already. */
  listWaiting(run: WaitingRun): void {
    this.#earliest.add({
      at: run.dueAt,
      source: "queued",
      typeName: run.typeName,
      taskId: run.taskId,
      triggerId: run.triggerId,
      runId: run.id,
    });
  }

  /** The types met so far. */
  types(): ReadonlyMap<string, TypeTally> {
    return new Map(
      Array.from(this.#types, ([name, count]) => [
        name,
        { count, busyMs: count * this.#durationOf(name) },
      ]),
    );
  }

  /** All hours, in order. */
  hours(): readonly ForecastHour[] {
    return Array.from(this.#counts, (count, index) => ({
      at: (BigInt(this.#firstHour + index) * hourMicros) as Instant,
      count,
      busyMs: this.#busyMs[index] ?? 0,
    }));
  }

  /** The first occurrences, in order. */
  occurrences(): readonly ForecastOccurrence[] {
    return this.#earliest.list();
  }

  /** Fires again one interval after the end of each run. */
  #addAdaptive(trigger: Fired & { readonly intervalMs: number }, first: Instant): void {
    if (first > this.#scope.to) return;
    const everyMs = trigger.intervalMs + this.#durationOf(trigger.typeName);
    const rule = triggerFromSpec({ kind: "interval", everyMs, anchorAt: formatInstant(first) });
    this.#addSeries(trigger, { first, rule, source: "adaptive" });
  }

  #addSeries(trigger: Fired, series: Series): void {
    const { from, to, now } = this.#scope;
    const { first } = series;
    if (first > to) return;
    const start = first > from ? first : from;
    // What is due at the very beginning is still to come only if that is now.
    if (first > from || (first === from && from === now)) {
      const firstIndex = hourOf(first) - this.#firstHour;
      this.#addCounts(trigger.typeName, { firstIndex, counts: [1] });
      this.#earliest.add(occurrenceOf(trigger, first, series.source));
    }
    this.#addCounts(trigger.typeName, this.#countsAfter(series, start));
    const until = this.#earliest.cutoff ?? to;
    if (start >= until) return;
    for (const { at } of series.rule.between(start, until, this.#scope.limit)) {
      this.#earliest.add(occurrenceOf(trigger, at, series.source));
    }
  }

  /** Counts from the hour of `start` on; the same for triggers that are alike. */
  #countsAfter(series: Series, start: Instant): Counts {
    const firstIndex = hourOf(start) - this.#firstHour;
    const key = `${start} ${JSON.stringify(series.rule.spec)}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) return { firstIndex, counts: known };
    const counts = countByHour(series.rule, { from: start, to: this.#scope.to });
    if (this.#remembered.size < rememberedMax) this.#remembered.set(key, counts);
    return { firstIndex, counts };
  }

  #addCounts(typeName: string, { firstIndex, counts }: Counts): void {
    const durationMs = this.#durationOf(typeName);
    let sum = 0;
    for (let index = 0; index < counts.length; index += 1) {
      const count = counts[index] ?? 0;
      if (count === 0) continue;
      const hour = firstIndex + index;
      this.#counts[hour] = (this.#counts[hour] ?? 0) + count;
      this.#busyMs[hour] = (this.#busyMs[hour] ?? 0) + count * durationMs;
      sum += count;
    }
    if (sum > 0) this.#types.set(typeName, (this.#types.get(typeName) ?? 0) + sum);
  }

  #ruleOf(spec: ForecastTrigger["spec"]): Trigger {
    const text = JSON.stringify(spec);
    const known = this.#rules.get(text);
    if (known !== undefined) return known;
    const rule = triggerFromSpec(spec);
    if (this.#rules.size < rememberedMax) this.#rules.set(text, rule);
    return rule;
  }

  #durationOf(typeName: string): number {
    return this.#scope.durations.get(typeName) ?? 0;
  }

  #laterOfNow(instant: Instant): Instant {
    return instant > this.#scope.now ? instant : this.#scope.now;
  }
}

/** Whose occurrences they are. */
type Fired = Pick<ForecastTrigger, "id" | "taskId" | "typeName">;

/** Fires from `first` on. */
interface Series {
  /** The next fire time that is stored, which need not be one of the rule's. */
  readonly first: Instant;
  /** What follows it. */
  readonly rule: Trigger;
  readonly source: "calendar" | "adaptive";
}

/** Counts by hour; the first is of the hour `firstIndex` of the forecast. */
interface Counts {
  readonly firstIndex: number;
  readonly counts: Uint32Array | readonly number[];
}

function occurrenceOf(
  { id, taskId, typeName }: Fired,
  at: Instant,
  source: "calendar" | "adaptive",
): ForecastOccurrence {
  return { at, source, typeName, taskId, triggerId: id, runId: null };
}

/**
 * The rule of a calendar trigger. The phase of an interval follows its stored fire time, unless
 * that carries a delay by jitter.
 */
function ruleSpecOf({ spec, nextFireAt }: ForecastTrigger): ForecastTrigger["spec"] {
  if (spec.kind !== "interval" || ("jitterMs" in spec && "anchorAt" in spec)) return spec;
  return { ...spec, anchorAt: formatInstant(nextFireAt) };
}

/** Keeps the earliest occurrences of many. */
class Earliest {
  readonly #limit: number;
  /** At most twice the limit: cut to it when full, which costs little for each that comes. */
  #kept: ForecastOccurrence[] = [];
  #cutoff: Instant | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What comes after this is not kept; undefined while there is room. */
  get cutoff(): Instant | undefined {
    return this.#cutoff;
  }

  add(occurrence: ForecastOccurrence): void {
    if (this.#cutoff !== undefined && occurrence.at > this.#cutoff) return;
    this.#kept.push(occurrence);
    if (this.#kept.length >= 2 * this.#limit) this.#cut();
  }

  list(): readonly ForecastOccurrence[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept = this.#kept.toSorted(compareOccurrences).slice(0, this.#limit);
    if (this.#kept.length === this.#limit) this.#cutoff = this.#kept.at(-1)?.at;
  }
}

/** By time; at one time in an order that does not depend on how they came. */
function compareOccurrences(left: ForecastOccurrence, right: ForecastOccurrence): number {
  if (left.at !== right.at) return left.at < right.at ? -1 : 1;
  return (left.triggerId ?? 0) - (right.triggerId ?? 0) || (left.runId ?? 0) - (right.runId ?? 0);
}
