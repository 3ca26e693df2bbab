/**
 * Requests of one client: address, token, time limit, errors. Only requests that change nothing
 * are tried again, and only when no answer came.
 */

import { decodeError } from "../api/error-record.ts";
import { type AnyRequest, type OperationId, type Route, routeTable } from "../api/routes.ts";
import { urlOf } from "../api/route-url.ts";
import { type Clock, delay, reasonOf } from "../kernel/clock.ts";
import {
  InvalidInputError,
  messageOf,
  OrreryError,
  ProtocolError,
  StoreError,
  TimeoutError,
} from "../kernel/errors.ts";

/** Where the server is and how to talk to it. */
export interface TransportOptions {
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
  /** Further tries of requests that only read. */
  readonly retryCount: number;
}

/** One request. */
export interface Call {
  readonly operation: OperationId;
  readonly request: AnyRequest;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds on top of the time limit, for requests that wait by design. */
  readonly extraMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Milliseconds before the first further try; each next one waits twice as long. */
const retryDelayMs = 100;
/** Letters of an unexpected answer that an error repeats. */
const excerptLettersMax = 200;

/** Sends requests. */
export class HttpTransport {
  readonly #options: TransportOptions;

  /** @throws InvalidInputError `ORR_INPUT_INVALID` for an address that is none */
  constructor(options: TransportOptions) {
    this.#options = { ...options, baseUrl: checkedBaseUrl(options.baseUrl) };
  }

  /** The server's address, without a slash at its end. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /**
   * The decoded body of an answer; undefined for one without.
   * @throws OrreryError what the server answered
   * @throws ProtocolError `ORR_PROTO_RESPONSE` when the answer is not one of ours
   * @throws StoreError `ORR_STORE_UNAVAILABLE` when none came
   * @throws TimeoutError `ORR_TIMEOUT_WAIT` when it took too long
   */
  async call(call: Call): Promise<unknown> {
    const route = routeTable[call.operation];
    return this.#withRetry(route, call.signal, () =>
      this.#limited(call, async (signal) => {
        const response = await this.#send(route, { ...call, signal });
        const text = await response.text();
        if (!response.ok) throw errorOfAnswer(response.status, text);
        return route.answers === "nothing" ? undefined : parseAnswer(response.status, text);
      }),
    );
  }

  /** Opens a stream of events; the time limit holds until its headers are there. */
  async open(call: Call): Promise<ReadableStream<Uint8Array>> {
    const route = routeTable[call.operation];
    const opened = new AbortController();
    const signal = anySignal([call.signal, opened.signal]);
    const timer = this.#options.clock.schedule(this.#options.timeoutMs, () =>
      opened.abort(this.#tooLate(call)),
    );
    try {
      const response = await this.#send(route, { ...call, signal });
      if (!response.ok) throw errorOfAnswer(response.status, await response.text());
      if (response.body === null) throw protocolError(response.status, "no body");
      return response.body;
    } catch (thrown) {
      throw this.#errorOf(thrown, signal);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  async #withRetry<T>(
    route: Route,
    signal: AbortSignal | undefined,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const triesMax = route.method === "GET" ? this.#options.retryCount : 0;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (tries >= triesMax || !isTransient(error)) throw error;
        await delay(this.#options.clock, retryDelayMs * 2 ** tries, signal);
      }
    }
  }

  async #limited<T>(call: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const limit = new AbortController();
    const signal = anySignal([call.signal, limit.signal]);
    const timer = clock.schedule(timeoutMs + (call.extraMs ?? 0), () =>
      limit.abort(this.#tooLate(call)),
    );
    try {
      return await work(signal);
    } catch (thrown) {
      throw this.#errorOf(thrown, signal);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  #send(route: Route, call: Call & { readonly signal: AbortSignal }): Promise<Response> {
    const { baseUrl, token, fetch: send } = this.#options;
    const { body } = call.request;
    return send(`${baseUrl}${urlOf(route, call.request)}`, {
      method: route.method,
      signal: call.signal,
      // A redirect could carry the token to somebody else.
      redirect: "error",
      headers: {
        accept: route.answers === "events" ? "text/event-stream" : "application/json",
        ...(route.body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** What fetch threw, as one of ours; who aborted is told why. */
  #errorOf(thrown: unknown, signal: AbortSignal): unknown {
    if (thrown instanceof OrreryError) return thrown;
    if (signal.aborted) return reasonOf(signal);
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    const { baseUrl } = this.#options;
    return new StoreError(
      "ORR_STORE_UNAVAILABLE",
      `no answer from ${baseUrl}: ${messageOf(cause)}; is the server running?`,
      { transient: true, details: { server: baseUrl }, cause: thrown },
    );
  }

  #tooLate({ operation, extraMs }: Call): TimeoutError {
    const { baseUrl, timeoutMs } = this.#options;
    const allMs = timeoutMs + (extraMs ?? 0);
    return new TimeoutError("ORR_TIMEOUT_WAIT", `no answer from ${baseUrl} within ${allMs} ms`, {
      details: { server: baseUrl, operation, timeoutMs: allMs },
    });
  }
}

/** Whether nothing but the way there or the database was at fault. */
export function isTransient(error: unknown): boolean {
  return error instanceof StoreError && error.transient;
}

/** A signal that is aborted with the first of those that are given. */
export function anySignal(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

function checkedBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      `baseUrl must be an http address such as http://127.0.0.1:8420, not ${baseUrl}`,
      { details: { field: "baseUrl", value: baseUrl } },
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function parseAnswer(status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw protocolError(status, text);
  }
}

function errorOfAnswer(status: number, text: string): OrreryError {
  try {
    return decodeError(JSON.parse(text)) ?? protocolError(status, text);
  } catch {
    // A proxy's page, not our server: shown as it came.
    return protocolError(status, text);
  }
}

function protocolError(status: number, text: string): ProtocolError {
  const excerpt = text.slice(0, excerptLettersMax);
  return new ProtocolError(
    "ORR_PROTO_RESPONSE",
    `the answer (status ${status}) is not one of an Orrery server: ${JSON.stringify(excerpt)}`,
    { details: { status, excerpt } },
  );
}
