/**
 * One look at the ends of attempts for all who follow them: the database is asked once however
 * many clients are connected. The last events are kept, so that a client that lost its connection
 * goes on where it was; one whose place is older reads the history by itself until it has caught
 * up. Each has a bounded queue, and one that does not keep up is let go: it comes back and goes on
 * from there.
 */

import type { RunEventRecord } from "../api/records.ts";
import type { FollowRunsOptions } from "../api/scheduler.ts";
import type { FollowRunsQuery } from "../api/wire.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ErrorCode } from "../kernel/error-codes.ts";
import { OrreryError } from "../kernel/errors.ts";
import { addMillis, type Instant, parseInstant } from "../kernel/instant.ts";
import { overlapMs } from "../service/follow.ts";
import type { ServerEvent } from "./event-stream.ts";
import type { HttpLog } from "./http-log.ts";

/** Events kept for those who come back. */
const keptMax = 2_000;
/** Events that wait for one client. */
const queuedMax = 1_000;
/** Milliseconds that the look goes on without a client, so that one can come back. */
const lingerMs = 60_000;

/** What the hub works with. */
export interface HubOptions {
  /** Begins to look; ends when the signal is aborted. */
  readonly follow: (options: FollowRunsOptions) => AsyncIterable<RunEventRecord>;
  readonly clock: Clock;
  readonly log: HttpLog;
}

/** What a client wants. */
export interface Subscription {
  readonly query: FollowRunsQuery;
  /** The id of the last event that it has seen, on a connection before; wins over `after`. */
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
}

/** The id of an event: stable over processes and restarts. */
export function eventIdOf(event: RunEventRecord): string {
  return `${event.runId}.${event.attempt}`;
}

const unknownPlaceCodes: ReadonlySet<ErrorCode> = new Set([
  "ORR_INPUT_CURSOR",
  "ORR_NOT_FOUND_RUN",
]);

function isUnknownPlace(thrown: unknown): boolean {
  return thrown instanceof OrreryError && unknownPlaceCodes.has(thrown.code);
}

/** Hands each event to all who follow. */
export class RunEventHub {
  readonly #options: HubOptions;
  readonly #listeners = new Set<Listener>();
  #kept: RunEventRecord[] = [];
  #follower: AbortController | undefined;
  #linger: Disposable | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /**
   * Events from now on, or from where the client was. Where that is not known any more, the first
   * event is called `missed`: the client reads its lists again.
   */
  async *subscribe(subscription: Subscription): AsyncGenerator<ServerEvent, void, undefined> {
    const { signal, lastEventId, query } = subscription;
    const place = lastEventId ?? query.after;
    const replay = this.#since(place);
    const listener = new Listener(subscription, { replay: replay ?? [], place });
    this.#listeners.add(listener);
    this.#start();
    try {
      if (replay === undefined) {
        const options = { ...query, after: place ?? "", signal };
        if (!(yield* this.#catchUp(listener, options))) return listener.rethrow();
      }
      for (;;) {
        for (const event of listener.take()) yield { id: eventIdOf(event), data: event };
        if (signal.aborted || listener.over) return listener.rethrow();
        await listener.wait();
      }
    } finally {
      listener.end();
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#lingerOn();
    }
  }

  /**
   * What ended since a place that is not kept any more, until that meets what all are told. Answers
   * false when the client has gone first, or does not keep up: its queue then begins with a gap.
   */
  async *#catchUp(
    listener: Listener,
    options: FollowRunsOptions,
  ): AsyncGenerator<ServerEvent, boolean, undefined> {
    try {
      for await (const event of this.#options.follow(options)) {
        yield { id: eventIdOf(event), data: event };
        listener.noteTold(event);
        if (listener.over) return false;
        if (listener.hasMet) return true;
      }
      return false;
    } catch (thrown) {
      if (!isUnknownPlace(thrown)) throw thrown;
      yield { name: "missed", data: {} };
      return true;
    }
  }

  /** Lets go of everything. */
  stop(): void {
    this.#linger?.[Symbol.dispose]();
    this.#linger = undefined;
    this.#follower?.abort();
    this.#follower = undefined;
    this.#kept = [];
  }

  /** The kept events after an id; undefined when the id is not among them. */
  #since(lastEventId: string | undefined): readonly RunEventRecord[] | undefined {
    if (lastEventId === undefined) return [];
    const place = this.#kept.findLastIndex((event) => eventIdOf(event) === lastEventId);
    return place === -1 ? undefined : this.#kept.slice(place + 1);
  }

  #start(): void {
    this.#linger?.[Symbol.dispose]();
    this.#linger = undefined;
    if (this.#follower !== undefined) return;
    const follower = new AbortController();
    this.#follower = follower;
    void this.#follow(follower);
  }

  /** Never rejects: a failure ends those who listen, and the next one to come starts it anew. */
  async #follow(follower: AbortController): Promise<void> {
    let failure: Error | undefined;
    try {
      for await (const event of this.#options.follow({ signal: follower.signal })) {
        if (this.#kept.push(event) > keptMax) this.#kept.splice(0, this.#kept.length - keptMax);
        for (const listener of this.#listeners) listener.offer(event);
      }
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown : undefined;
      if (!follower.signal.aborted) this.#options.log.warn({ err: thrown }, "run events broke off");
    }
    if (this.#follower !== follower) return;
    // What ended meanwhile will not be told: nobody may go on across the gap unawares.
    this.stop();
    for (const listener of this.#listeners) listener.end(failure);
  }

  #lingerOn(): void {
    if (this.#follower === undefined) return;
    this.#linger = this.#options.clock.schedule(lingerMs, () => this.stop());
  }
}

/** One client's queue. */
class Listener {
  readonly #query: FollowRunsQuery;
  /** The event that the client was at, which all may be told only now. */
  readonly #place: string | undefined;
  readonly #signal: AbortSignal;
  #queue: RunEventRecord[];
  /** What the client was told otherwise and all may be told yet: when it ended, by id. */
  readonly #told = new Map<string, Instant>();
  #hasMet = false;
  #over = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #onAbort = (): void => this.end();

  constructor(
    { query, signal }: Subscription,
    from: { readonly replay: readonly RunEventRecord[]; readonly place: string | undefined },
  ) {
    this.#query = query;
    this.#place = from.place;
    this.#signal = signal;
    this.#queue = from.replay.filter((event) => this.#wants(event));
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether something that the client was told otherwise has been offered as well. */
  get hasMet(): boolean {
    return this.#hasMet;
  }

  /** Queues an event; a full queue ends the stream as a lost connection would. */
  offer(event: RunEventRecord): void {
    if (this.#over || !this.#wants(event) || this.#passTold(event)) return;
    if (this.#queue.push(event) >= queuedMax) this.#over = true;
    this.#wake?.();
  }

  /** The client was told of an event otherwise: it is neither kept for it nor taken any more. */
  noteTold(event: RunEventRecord): void {
    const id = eventIdOf(event);
    const place = this.#queue.findIndex((queued) => eventIdOf(queued) === id);
    if (place !== -1) {
      this.#queue.splice(place, 1);
      this.#hasMet = true;
      return;
    }
    this.#told.set(id, parseInstant(event.finishedAt));
    // Only ends from before the look of all began are as many: nobody will be offered those.
    const [oldest = id] = this.#told.keys();
    if (this.#told.size > keptMax) this.#told.delete(oldest);
  }

  take(): readonly RunEventRecord[] {
    const taken = this.#queue;
    this.#queue = [];
    return taken;
  }

  wait(): Promise<void> {
    if (this.#queue.length > 0 || this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  end(failure?: Error): void {
    this.#over = true;
    this.#failure = failure;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#wake?.();
  }

  /** Fails if the source did. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether the client was told of an event; forgets those that can no longer be offered. */
  #passTold(event: RunEventRecord): boolean {
    if (this.#told.size === 0) return false;
    const passed = addMillis(parseInstant(event.finishedAt), -overlapMs);
    const wasTold = this.#told.delete(eventIdOf(event));
    if (wasTold) this.#hasMet = true;
    for (const [id, finishedAt] of this.#told) {
      if (finishedAt >= passed) break;
      this.#told.delete(id);
    }
    return wasTold;
  }

  #wants(event: RunEventRecord): boolean {
    const { type, taskId, graphId } = this.#query;
    return (
      eventIdOf(event) !== this.#place &&
      (type === undefined || event.type === type) &&
      (taskId === undefined || event.taskId === taskId) &&
      (graphId === undefined || event.graphId === graphId)
    );
  }
}
