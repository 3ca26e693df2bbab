/** Requests of one client: address, encoding, credentials, time limit, further tries. */

import { type Clock, delay, reasonOf } from "../../../kernel/clock.ts";
import {
  InvalidInputError,
  messageOf,
  OrreryError,
  ProtocolError,
  StoreError,
  TimeoutError,
} from "../../../kernel/errors.ts";
import type { Encoding } from "../wire/bodies.ts";
import type { Dialect } from "../wire/dialects.ts";
import type { Method } from "../wire/method.ts";
import type { WireValue } from "../wire/wire-value.ts";
import { mediaTypeOf } from "../rpc/negotiate.ts";
import { answeredError } from "./answered-error.ts";
import { SwhFault } from "../errors.ts";

/** Where the server is and how to talk to it. */
export interface SwhTransportOptions {
  readonly url: string;
  readonly dialect: Dialect;
  readonly encoding: Encoding;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
  /** Tries in all while the server cannot be reached. */
  readonly attemptCount: number;
  /** Milliseconds from one try to the next. */
  readonly retryDelayMs: number;
  /** Bytes of an answer at most. */
  readonly answerBytesMax: number;
}

/** An answer that cannot be one of a scheduler. */
interface Unexpected {
  readonly path: string;
  readonly what: string;
  readonly cause?: unknown;
}

/** Sends requests. */
export class SwhTransport {
  readonly #options: SwhTransportOptions;
  readonly #base: string;

  /** @throws InvalidInputError `ORR_INPUT_INVALID` for an address that is none */
  constructor(options: SwhTransportOptions) {
    this.#options = options;
    this.#base = checkedUrl(options.url);
  }

  /**
   * The result of a method.
   * @throws OrreryError what the server answered, as `answeredError` reads it
   * @throws ProtocolError `ORR_PROTO_RESPONSE` when the answer is not one of this interface
   * @throws StoreError `ORR_STORE_UNAVAILABLE` when none came
   * @throws TimeoutError `ORR_TIMEOUT_WAIT` when it took too long
   */
  async call<Given extends object, Result>(
    method: Method<Given, Result>,
    given: Given,
  ): Promise<Result> {
    const { path } = method;
    if (method.isMissing === true) {
      throw new SwhFault(
        "AttributeError",
        `the ${this.#options.dialect.name} dialect has no ${path}`,
      );
    }
    const body = this.#options.encoding.write(method.encodeArguments(given));
    const answer = await this.#withRetry(() => this.#limited(path, body));
    try {
      return method.result.decode(answer, { name: "the answer", inModel: false });
    } catch (thrown) {
      throw this.#unexpected({ path, what: messageOf(thrown), cause: thrown });
    }
  }

  async #withRetry<T>(attempt: () => Promise<T>): Promise<T> {
    const { attemptCount, retryDelayMs, clock } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isAway = error instanceof StoreError && error.transient;
        if (tries >= attemptCount || !isAway) throw error;
        await delay(clock, retryDelayMs);
      }
    }
  }

  async #limited(path: string, body: Uint8Array): Promise<WireValue> {
    const { clock, timeoutMs } = this.#options;
    const limit = new AbortController();
    const timer = clock.schedule(timeoutMs, () => limit.abort(this.#tooLate(path)));
    try {
      return await this.#exchange(path, body, limit.signal);
    } catch (thrown) {
      throw this.#errorOf(thrown, limit.signal);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  async #exchange(path: string, body: Uint8Array, signal: AbortSignal): Promise<WireValue> {
    const { encoding, headers, fetch: send } = this.#options;
    const { mediaType } = encoding;
    const response = await send(`${this.#base}/${path}`, {
      method: "POST",
      signal,
      // A redirect could carry the credentials to somebody else.
      redirect: "error",
      headers: { ...headers, "content-type": mediaType, accept: mediaType },
      body: new Uint8Array(body),
    });
    const answer = this.#read(path, response, await this.#bytesOf(path, response));
    if (response.ok) return answer;
    throw answeredError(response.status, answer);
  }

  async #bytesOf(path: string, response: Response): Promise<Uint8Array> {
    const { answerBytesMax } = this.#options;
    if (response.body === null) return new Uint8Array();
    const body: AsyncIterable<Uint8Array> = response.body;
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of body) {
      size += part.length;
      if (size > answerBytesMax) {
        throw this.#unexpected({ path, what: `an answer of more than ${answerBytesMax} bytes` });
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** The value of an answer; text, as of a proxy's page, is a text. */
  #read(path: string, response: Response, bytes: Uint8Array): WireValue {
    const type = mediaTypeOf(response.headers.get("content-type") ?? undefined);
    if (type.startsWith("text/") || (!response.ok && type === "")) {
      return new TextDecoder().decode(bytes);
    }
    const { msgpack, json } = this.#options.dialect.encodings;
    const encoding = [msgpack, json].find(({ mediaType }) => mediaType === type);
    if (encoding === undefined)
      throw this.#unexpected({ path, what: `an answer of the type ${type}` });
    try {
      return encoding.read(bytes);
    } catch (thrown) {
      throw this.#unexpected({ path, what: messageOf(thrown), cause: thrown });
    }
  }

  #unexpected(answer: Unexpected): ProtocolError {
    const { path, what, cause } = answer;
    const address = `${this.#base}/${path}`;
    const message = `${address} is not answered as by a scheduler: ${what.slice(0, 300)}`;
    return new ProtocolError("ORR_PROTO_RESPONSE", message, { details: { path }, cause });
  }

  /** What fetch threw, as one of ours. */
  #errorOf(thrown: unknown, signal: AbortSignal): unknown {
    if (thrown instanceof OrreryError) return thrown;
    if (signal.aborted) return reasonOf(signal);
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    return new StoreError(
      "ORR_STORE_UNAVAILABLE",
      `no answer from ${this.#base}: ${messageOf(cause)}; is the server running?`,
      { transient: true, details: { server: this.#base }, cause: thrown },
    );
  }

  #tooLate(path: string): TimeoutError {
    const { timeoutMs } = this.#options;
    const message = `no answer from ${this.#base} within ${timeoutMs} ms`;
    return new TimeoutError("ORR_TIMEOUT_WAIT", message, {
      details: { server: this.#base, path, timeoutMs },
    });
  }
}

/** The address without a slash at its end. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      `url must be an http address such as http://127.0.0.1:5008, not ${text}`,
      { details: { field: "url", value: text } },
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
