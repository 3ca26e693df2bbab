/**
 * Server-sent events as text. Every stream opens with a comment, so that the client sees that it
 * stands, beats with a comment while nothing happens, and tells its end: `end` when there is
 * nothing more to come, `failure` when it broke, nothing when the client should come back.
 * @source WHATWG HTML, 9.2 Server-sent events
 */

import { encodeError } from "../api/error-record.ts";
import type { Clock } from "../kernel/clock.ts";
import { OrreryError, StoreError } from "../kernel/errors.ts";

/** Milliseconds between signs of life: proxies drop connections that are silent for 30 to 60 s. */
export const heartbeatMs = 15_000;
/** Milliseconds after which a client comes back that lost its connection. */
const retryMs = 1_000;

/** One event; without a name it is what the stream is about. */
export interface ServerEvent {
  /** Sent back by a client that reconnects. */
  readonly id?: string;
  readonly name?: string;
  readonly data: unknown;
}

/** What a stream needs besides its events. */
export interface StreamOptions {
  /** Whether the last event is the end of all, rather than of this connection. */
  readonly finite: boolean;
  readonly clock: Clock;
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
  /** Told of what ended the stream before its time. */
  readonly onFailure: (thrown: unknown) => void;
}

/** The stream's text. Asks for the next event only when the one before has been taken. */
export async function* eventStreamText(
  events: AsyncIterable<ServerEvent>,
  { finite, clock, signal, onFailure }: StreamOptions,
): AsyncGenerator<string, void, undefined> {
  // Begun before the client is told, so that what it does next is not missed.
  const pulls = new Pulls(events);
  try {
    yield `retry: ${retryMs}\n: open\n\n`;
    while (!signal.aborted) {
      const step = await pulls.next({ clock, signal });
      if (signal.aborted) return;
      if (step === "late") {
        yield ": beat\n\n";
        continue;
      }
      if (step.done === true) {
        if (finite) yield encodeEvent({ name: "end", data: {} });
        return;
      }
      yield encodeEvent(step.value);
    }
  } catch (thrown) {
    if (signal.aborted) return;
    onFailure(thrown);
    yield encodeEvent({ name: "failure", data: encodeError(tellable(thrown)) });
  } finally {
    pulls.stop();
  }
}

/** Details of an unforeseen error stand in the log only. */
function tellable(thrown: unknown): OrreryError {
  return thrown instanceof OrreryError && thrown.httpStatus !== 500
    ? thrown
    : new StoreError("ORR_STORE_UNAVAILABLE", "the stream broke; the server's log says why", {
        transient: true,
      });
}

/** One event as text. JSON has no raw line breaks, so that one data line is enough. */
export function encodeEvent({ id, name, data }: ServerEvent): string {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  const nameLine = name === undefined ? "" : `event: ${name}\n`;
  return `${idLine}${nameLine}data: ${JSON.stringify(data)}\n\n`;
}

/** Takes events one by one, with a time limit for each look but none for each event. */
class Pulls {
  readonly #iterator: AsyncIterator<ServerEvent>;
  #pending: Promise<IteratorResult<ServerEvent>> | undefined;
  #wake: (() => void) | undefined;
  #arrived = false;

  constructor(events: AsyncIterable<ServerEvent>) {
    this.#iterator = events[Symbol.asyncIterator]();
    this.#pending = this.#pull();
  }

  async next(until: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
  }): Promise<IteratorResult<ServerEvent> | "late"> {
    const pending = (this.#pending ??= this.#pull());
    await this.#arrival(until);
    if (!this.#arrived) return "late";
    this.#pending = undefined;
    this.#arrived = false;
    return pending;
  }

  /** Pulls once; both ends wake who waits, who then meets the failure at its own `await`. */
  #pull(): Promise<IteratorResult<ServerEvent>> {
    const pull = this.#iterator.next();
    const arrive = (): void => {
      this.#arrived = true;
      this.#wake?.();
    };
    pull.then(arrive, arrive);
    return pull;
  }

  #arrival({
    clock,
    signal,
  }: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
  }): Promise<void> {
    if (this.#arrived) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer[Symbol.dispose]();
        signal.removeEventListener("abort", end);
        this.#wake = undefined;
        resolve();
      };
      const timer = clock.schedule(heartbeatMs, end);
      signal.addEventListener("abort", end, { once: true });
      this.#wake = end;
    });
  }

  /** Lets go of the source; it ends by its own signal if it waits for something. */
  stop(): void {
    // A failure after the end concerns nobody any more.
    this.#iterator.return?.().then(undefined, () => undefined);
  }
}
