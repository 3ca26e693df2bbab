/**
 * Hints between processes over LISTEN and NOTIFY, on a connection of its own. A hint may get lost
 * while the connection is down: subscribers poll as well, and are woken when it is back.
 */

import pg from "pg";
import type { Clock } from "../kernel/clock.ts";
import { type Instant, instantFromMicros } from "../kernel/instant.ts";
import type { Hint, HintListener, Notifier } from "../model/notifier.ts";
import { quoteIdentifier } from "./statement.ts";

/** Milliseconds before a broken connection is opened again. */
const reconnectMs = 500;

/** Milliseconds to wait for a connection. */
const connectMsMax = 5_000;

const hints: readonly Hint[] = ["queued", "cancel", "ended", "log", "fire", "settings"];

/** Where to listen. */
export interface NotifierOptions {
  readonly connectionString: string;
  readonly channel: string;
  readonly clock: Clock;
}

/** Listens while anybody is subscribed. */
export class PostgresNotifier implements Notifier, AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #subscribers = new Set<HintListener>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #closed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Calls `onHint` for each hint of any process, until disposed. */
  subscribe(onHint: HintListener): Disposable {
    // A wrapper of its own, so that the same function may subscribe twice.
    const subscriber: HintListener = (hint, dueFrom) => onHint(hint, dueFrom);
    this.#subscribers.add(subscriber);
    this.#ensureConnected();
    return { [Symbol.dispose]: () => this.#subscribers.delete(subscriber) };
  }

  /** Stops listening for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#subscribers.clear();
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    // A connection that is already broken has nothing to end.
    await client?.end().catch(() => undefined);
  }

  #ensureConnected(): void {
    if (this.#closed || this.#client !== undefined || this.#connecting !== undefined) return;
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = undefined;
    });
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.connectionString,
      application_name: "orrery notifier",
      // A server that does not answer must not hold up the closing of the store.
      connectionTimeoutMillis: connectMsMax,
      keepAlive: true,
    });
    const lose = (): void => this.#lose(client);
    client.on("error", lose);
    client.on("end", lose);
    client.on("notification", ({ payload }) => this.#deliver(payload ?? ""));
    try {
      await client.connect();
      await client.query(`listen ${quoteIdentifier(this.#options.channel)}`);
      this.#client = client;
      // What was missed while nobody listened is not known: let everybody look.
      for (const hint of hints) this.#deliver(hint);
    } catch {
      // The database is away; polling goes on and this is tried again.
      await client.end().catch(() => undefined);
      this.#scheduleRetry();
    }
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    if (this.#closed) return;
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.#options.clock.schedule(reconnectMs, () => this.#ensureConnected());
  }

  #deliver(payload: string): void {
    const [word, micros] = payload.split(" ", 2);
    const hint = hints.find((each) => each === word);
    if (hint === undefined) return;
    const dueFrom = micros === undefined ? undefined : dueFromOf(micros);
    for (const subscriber of this.#subscribers) subscriber(hint, dueFrom);
  }
}

/** Who can notify can send anything. */
function dueFromOf(micros: string): Instant | undefined {
  return /^-?\d{1,18}$/.test(micros) ? instantFromMicros(BigInt(micros)) : undefined;
}
