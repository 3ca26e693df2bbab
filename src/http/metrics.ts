/**
 * Metrics in Prometheus' text format. What the database knows (runs, lag, workers) describes the
 * whole installation and is the same from every server; attempts and requests are those of this
 * process. Labels are bounded: task types beyond a limit share the label `other`.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { SystemRecord } from "../api/records.ts";
import type { OutcomeKind } from "../model/outcome.ts";

/** Task types that get a label of their own. */
const typeLabelsMax = 200;
/** Upper bounds in seconds: from a trivial run to an hour. */
const attemptBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];
/** Upper bounds in seconds: a request is quick, or a wait of up to a minute. */
const requestBuckets = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];

/** An attempt that ended in this process. */
export interface AttemptMeasure {
  readonly type: string;
  readonly outcome: OutcomeKind;
  readonly durationMs: number;
}

/** A request that was answered. */
export interface RequestMeasure {
  /** Operation of the route table, or `other`. */
  readonly operation: string;
  readonly status: number;
  readonly durationMs: number;
}

/** All metrics of a process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #types = new Set<string>();
  readonly #attempts: Counter<"type" | "outcome">;
  readonly #attemptSeconds: Histogram<"type">;
  readonly #requests: Counter<"operation" | "status">;
  readonly #requestSeconds: Histogram<"operation">;
  readonly #system: SystemGauges;

  constructor({ version }: { readonly version: string }) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: "orrery_info",
      help: "The version that runs; always 1.",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    this.#attempts = new Counter({
      name: "orrery_attempts_finished_total",
      help: "Attempts that ended in this process, by outcome.",
      labelNames: ["type", "outcome"],
      registers,
    });
    this.#attemptSeconds = new Histogram({
      name: "orrery_attempt_duration_seconds",
      help: "How long attempts in this process took.",
      labelNames: ["type"],
      buckets: attemptBuckets,
      registers,
    });
    this.#requests = new Counter({
      name: "orrery_http_requests_total",
      help: "Requests that this process answered.",
      labelNames: ["operation", "status"],
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: "orrery_http_request_duration_seconds",
      help: "How long requests to this process took; event streams are not among them.",
      labelNames: ["operation"],
      buckets: requestBuckets,
      registers,
    });
    this.#system = createSystemGauges(this.#registry);
  }

  /** The media type of `render`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts an attempt. */
  observeAttempt({ type, outcome, durationMs }: AttemptMeasure): void {
    const label = this.#typeLabel(type);
    this.#attempts.inc({ type: label, outcome });
    this.#attemptSeconds.observe({ type: label }, durationMs / 1_000);
  }

  /** Counts a request. */
  observeRequest({ operation, status, durationMs }: RequestMeasure): void {
    this.#requests.inc({ operation, status: String(status) });
    this.#requestSeconds.observe({ operation }, durationMs / 1_000);
  }

  /** The text; `system` is undefined when the database does not answer. */
  render(system: SystemRecord | undefined): Promise<string> {
    setSystemGauges(this.#system, system, (type) => this.#typeLabel(type));
    return this.#registry.metrics();
  }

  #typeLabel(type: string): string {
    if (this.#types.size < typeLabelsMax) this.#types.add(type);
    return this.#types.has(type) ? type : "other";
  }
}

interface SystemGauges {
  readonly up: Gauge<never>;
  readonly paused: Gauge<never>;
  readonly taskTypes: Gauge<never>;
  readonly runs: Gauge<"type" | "state">;
  readonly lag: Gauge<"type">;
  readonly workers: Gauge<"state">;
  readonly slots: Gauge<"state">;
  readonly databaseBytes: Gauge<never>;
}

function createSystemGauges(registry: Registry): SystemGauges {
  const registers = [registry];
  const gauge = <Label extends string = never>(about: {
    readonly name: string;
    readonly help: string;
    readonly labelNames?: Label[];
  }): Gauge<Label> => new Gauge<Label>({ ...about, registers });
  return {
    up: gauge({
      name: "orrery_database_up",
      help: "Whether the database answered; what it knows is stale if not.",
    }),
    paused: gauge({ name: "orrery_paused", help: "Whether everything is paused." }),
    taskTypes: gauge({ name: "orrery_task_types", help: "Registered task types." }),
    runs: gauge({
      name: "orrery_runs",
      help: "Live runs of the installation.",
      labelNames: ["type", "state"],
    }),
    lag: gauge({
      name: "orrery_run_lag_seconds",
      help: "Since the oldest due run became due.",
      labelNames: ["type"],
    }),
    workers: gauge({
      name: "orrery_workers",
      help: "Worker processes of the installation.",
      labelNames: ["state"],
    }),
    slots: gauge({
      name: "orrery_worker_slots",
      help: "Slots of the workers that are alive.",
      labelNames: ["state"],
    }),
    databaseBytes: gauge({ name: "orrery_database_size_bytes", help: "Size of the database." }),
  };
}

function setSystemGauges(
  gauges: SystemGauges,
  system: SystemRecord | undefined,
  typeLabel: (type: string) => string,
): void {
  for (const gauge of [gauges.runs, gauges.lag, gauges.workers, gauges.slots]) gauge.reset();
  gauges.up.set(system === undefined ? 0 : 1);
  if (system === undefined) return;
  gauges.paused.set(system.pausedAt === null ? 0 : 1);
  gauges.taskTypes.set(system.taskTypeCount);
  gauges.databaseBytes.set(system.database.sizeBytes);
  const lags = new Map<string, number>();
  for (const { type, state, count, lagMs } of system.counts) {
    const label = typeLabel(type);
    gauges.runs.inc({ type: label, state }, count);
    lags.set(label, Math.max(lags.get(label) ?? 0, lagMs / 1_000));
  }
  for (const [type, seconds] of lags) gauges.lag.set({ type }, seconds);
  for (const { state, slotCount, runningCount } of system.workers) {
    gauges.workers.inc({ state });
    if (state !== "live" && state !== "draining") continue;
    gauges.slots.inc({ state: "busy" }, runningCount);
    gauges.slots.inc({ state: "free" }, Math.max(slotCount - runningCount, 0));
  }
}
