/**
 * A stream of events that outlives its connections: when one is lost, or silent for too long, the
 * feed comes back with the id of the last event and goes on after it.
 */

import { decodeError } from "../api/error-record.ts";
import type { AnyRequest, EventOperationId, ResponseOf } from "../api/routes.ts";
import { type Clock, delay } from "../kernel/clock.ts";
import { OrreryError, ProtocolError } from "../kernel/errors.ts";
import { checkAnswer } from "./answer-shapes.ts";
import { readEvents, type StreamEvent } from "./event-source.ts";
import { anySignal, type HttpTransport, isTransient } from "./http-transport.ts";

/** Milliseconds without a sign of life; the server gives one every 15 s. */
const silenceMsMax = 45_000;
/** Milliseconds before the first return; each next one waits twice as long. */
const returnMs = 250;
/** Milliseconds between returns at most. */
const returnMsMax = 10_000;

/** What is followed. */
export interface FeedOptions<Id extends EventOperationId> {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly operation: Id;
  readonly request: AnyRequest;
  readonly signal: AbortSignal | undefined;
}

/**
 * The data of the events. Ends when the server says that nothing more comes, or when the signal is
 * aborted.
 * @throws OrreryError what the server answers when it refuses
 */
export async function* followFeed<Id extends EventOperationId>(
  options: FeedOptions<Id>,
): AsyncGenerator<ResponseOf<Id>, void, undefined> {
  const { clock, signal } = options;
  const place: Place = { lastEventId: undefined, failures: 0, ended: false };
  while (!isAborted(signal)) {
    try {
      yield* connection(options, place);
      if (place.ended) return;
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isLoss(error)) throw error;
    }
    place.failures += 1;
    try {
      const waitMs = Math.min(returnMs * 2 ** (place.failures - 1), returnMsMax);
      await delay(clock, waitMs, signal);
    } catch {
      // Only the signal ends the pause, and it ends the feed.
      return;
    }
  }
}

interface Place {
  lastEventId: string | undefined;
  /** Returns since the last event. */
  failures: number;
  ended: boolean;
}

/** A function, because the compiler takes the state of a signal for constant. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Whether to come back: the way there broke, not the request. */
function isLoss(error: unknown): boolean {
  return isTransient(error) || !(error instanceof OrreryError);
}

/** One connection's events. */
async function* connection<Id extends EventOperationId>(
  { transport, clock, operation, request, signal }: FeedOptions<Id>,
  place: Place,
): AsyncGenerator<ResponseOf<Id>, void, undefined> {
  // Not held by `using`: its helper fails in browsers that lack `Symbol.dispose`.
  const silence = new Silence(clock);
  try {
    const body = await transport.open({
      operation,
      request,
      signal: anySignal([signal, silence.signal]),
      ...(place.lastEventId === undefined
        ? {}
        : { headers: { "last-event-id": place.lastEventId } }),
    });
    silence.restart();
    for await (const event of readEvents(body)) {
      silence.restart();
      place.lastEventId = event.id ?? place.lastEventId;
      if (event.name === "end") {
        place.ended = true;
        return;
      }
      if (event.name === "failure") throw failureOf(event);
      // `beat` is a sign of life, `missed` a gap that nobody can fill any more.
      if (event.name !== "message") continue;
      place.failures = 0;
      yield checkAnswer(operation, parsed(event));
    }
  } finally {
    silence.stop();
  }
}

/** Ends a connection that shows no sign of life. */
class Silence {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.schedule(silenceMsMax, () => this.#controller.abort());
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
  }
}

function failureOf(event: StreamEvent): OrreryError {
  return (
    decodeError(parsed(event)) ??
    new ProtocolError("ORR_PROTO_RESPONSE", "the stream failed and does not say why")
  );
}

function parsed(event: StreamEvent): unknown {
  try {
    return JSON.parse(event.data);
  } catch (cause) {
    throw new ProtocolError("ORR_PROTO_RESPONSE", "an event of the stream is not JSON", { cause });
  }
}
