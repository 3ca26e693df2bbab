/**
 * Running claimed runs: each gets a signal, a time-out and its executor, and ends in a conclusion.
 * What is lost is dropped: the database has given the run away, and no report of ours would count.
 */

import type { Clock } from "../kernel/clock.ts";
import { CancelledError, LeaseLostError, TimeoutError } from "../kernel/errors.ts";
import type { WorkerId } from "../kernel/ids.ts";
import type { Rng } from "../kernel/rng.ts";
import type { Executor } from "../model/executor.ts";
import type { TaskDefinition } from "../model/handler.ts";
import { cancelled, failed, type Outcome } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { ExecutorKind } from "../model/task-type.ts";
import { StopRequest } from "../model/stop-request.ts";
import { checkedVisitOutcome, visitOfRun } from "../model/visit-result.ts";
import { type Conclusion, conclude, type EndedAttempt } from "./conclude.ts";
import type { EngineListener, RunOfEvent } from "./events.ts";
import type { HeldAttempt, HeldRuns } from "./held-runs.ts";
import type { Recording } from "./record.ts";

/** What attempts are made with. */
export interface AttemptsOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly executors: Readonly<Record<ExecutorKind, Executor>>;
  readonly held: HeldRuns;
  readonly recording: Recording;
  readonly onEvent: EngineListener;
  /** Takes the end of an attempt that is to be reported. */
  readonly onConcluded: (conclusion: Conclusion) => void;
  /** Called when a slot has become free. */
  readonly onFree: () => void;
}

/** The attempts under way in this process. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #running = new Set<HeldAttempt>();
  /** Called when none is under way any more. */
  #onEnded: (() => void)[] = [];

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Attempts whose code has not ended. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#onEnded.push(resolve));
  }

  /** Enters a claimed run, so that its lease is renewed and a cancel reaches it. */
  hold(run: ClaimedRun, definition: TaskDefinition): HeldAttempt {
    const typeName = definition.settings.name;
    const attempt = { run, typeName, definition, stop: new StopRequest() };
    this.#options.held.add(attempt);
    return attempt;
  }

  /** Starts a held attempt, unless it was given up meanwhile; returns at once. */
  start(attempt: HeldAttempt, workerId: WorkerId): void {
    if (this.#options.held.find(attempt.run) !== attempt) return;
    this.#options.onEvent({ kind: "run_started", ...runOfEvent(attempt) });
    this.#running.add(attempt);
    void this.#make(attempt, workerId);
  }

  async #make(attempt: HeldAttempt, workerId: WorkerId): Promise<void> {
    const { clock } = this.#options;
    const { overrides } = attempt.run;
    const timeoutMs = overrides.timeoutMs ?? attempt.definition.settings.timeoutMs;
    const timer = timeoutMs === null ? undefined : this.#limit(attempt, timeoutMs);
    const startedMs = clock.monotonicMs();
    try {
      const outcome = await this.#outcomeOf(attempt);
      const durationMs = clock.monotonicMs() - startedMs;
      this.#conclude(attempt, { workerId, durationMs, outcome });
    } finally {
      timer?.[Symbol.dispose]();
      this.#running.delete(attempt);
      this.#options.onFree();
      if (this.#running.size === 0) for (const tell of this.#onEnded.splice(0)) tell();
    }
  }

  async #outcomeOf(attempt: HeldAttempt): Promise<Outcome> {
    try {
      return this.#withoutStart(attempt) ?? (await this.#execute(attempt));
    } catch (thrown) {
      // Executors promise not to reject; one that does must not take the whole worker with it.
      return failed(thrown);
    }
  }

  #conclude(
    attempt: HeldAttempt,
    { outcome, ...ended }: Pick<EndedAttempt, "workerId" | "durationMs" | "outcome">,
  ): void {
    const { rng, held, onConcluded } = this.#options;
    const { run, definition } = attempt;
    if (held.find(run) !== attempt) return;
    const { retry, interval } = definition.settings;
    held.noteEnd(attempt);
    onConcluded(conclude({ ...ended, run, retry, interval, outcome: checked(outcome, run) }, rng));
  }

  /** The outcome of an attempt that is too late, or that was cancelled before it could start. */
  #withoutStart({ run, stop }: HeldAttempt): Outcome | undefined {
    if (run.isMissed) {
      return cancelled("it would have started later than its trigger's misfire grace allows");
    }
    return stop.reason instanceof CancelledError ? cancelled(stop.reason.message) : undefined;
  }

  #execute({ run, definition, stop }: HeldAttempt): Promise<Outcome> {
    const { clock, executors, recording } = this.#options;
    const { executor, graceMs } = definition.settings;
    const sink = recording.sinkOf(run);
    return executors[executor].execute({ run, definition, sink, stop, graceMs, clock });
  }

  #limit({ stop }: HeldAttempt, timeoutMs: number): Disposable {
    return this.#options.clock.schedule(timeoutMs, () => {
      const message = `the run took longer than ${timeoutMs} ms`;
      stop.ask(new TimeoutError("ORR_TIMEOUT_RUN", message, { details: { timeoutMs } }));
    });
  }

  /** Asks an attempt to stop because somebody wants it cancelled. */
  cancel(attempt: HeldAttempt, reason: string): void {
    attempt.stop.ask(new CancelledError("ORR_CANCELLED_RUN", reason));
  }

  /** Asks all attempts to stop because the worker is stopping. */
  interrupt(): void {
    for (const { stop } of this.#options.held.all()) {
      stop.ask(new CancelledError("ORR_CANCELLED_SHUTDOWN", "the worker is stopping"));
    }
  }

  /**
   * Gives up attempts whose lease could not be renewed. Those that have ended are left alone: the
   * database decides by their report, which may have arrived in time.
   */
  lose(attempts: readonly HeldAttempt[]): void {
    this.drop(attempts.filter((attempt) => !this.#options.held.hasEnded(attempt)));
  }

  /** Gives up attempts whose token is stale: they stop, and nothing of them is reported. */
  drop(attempts: readonly HeldAttempt[]): void {
    for (const attempt of attempts) {
      if (!this.#options.held.giveUp(attempt.run)) continue;
      const { run } = attempt;
      attempt.stop.ask(
        new LeaseLostError("ORR_LEASE_LOST", `the lease on run ${run.id} is gone`, {
          details: { runId: run.id, fence: run.fence },
        }),
      );
      this.#options.onEvent({ kind: "run_dropped", ...runOfEvent(attempt) });
    }
  }
}

/** How events name an attempt. */
export function runOfEvent({ run, typeName }: HeldAttempt): RunOfEvent {
  const { id, taskId, attempt, fence } = run;
  return { runId: id, taskId, typeName, attempt, fence };
}

/**
 * A delay that a handler made up may be no number of milliseconds, and what it says of the origin
 * that it visited may be unreadable.
 */
function checked(outcome: Outcome, run: ClaimedRun): Outcome {
  if (outcome.kind === "snoozed" && !(outcome.delayMs >= 0)) return { ...outcome, delayMs: 0 };
  return visitOfRun(run) === undefined ? outcome : checkedVisitOutcome(outcome);
}
