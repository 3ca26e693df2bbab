/**
 * A way to run statements: on any connection of the pool, on one inside a transaction, or on a
 * client that the caller has begun a transaction on. Rows come back decoded, errors as ours.
 */

import type pg from "pg";
import type { Instant } from "../kernel/instant.ts";
import type { CallerClient } from "../model/store.ts";
import { instantParameter, type Row, rowTypes } from "./row.ts";
import { quoteIdentifier, type Statement } from "./statement.ts";
import { readDateStyle, setDateStyle } from "./statements/date-style.ts";
import * as savepoints from "./statements/savepoint.ts";
import { storeErrorOf } from "./store-errors.ts";

/** What all sessions of a store share. */
export interface SessionContext {
  readonly schema: string;
  /** The time that rules instead of the database's clock, in tests; null in production. */
  readonly now: () => Instant | null;
}

/** The driver's query, as far as a session needs it. */
interface QueryConfig {
  /** PostgreSQL cuts names at 63 bytes, so the schema is not part of it: a pool serves only one. */
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
  readonly types: typeof rowTypes;
}

/** Settings of one transaction, by the names and values of our own constants. */
export type TransactionSettings = Readonly<Record<string, "on" | "off" | "force_generic_plan">>;

type RunQuery = (config: QueryConfig) => Promise<{ readonly rows: unknown[] }>;

/** Runs statements. */
export class Session {
  readonly context: SessionContext;
  readonly #runQuery: RunQuery;
  readonly #pool: pg.Pool | undefined;
  readonly #prepared: boolean;
  readonly #texts = new WeakMap<Statement<unknown>, string>();

  private constructor(
    context: SessionContext,
    runQuery: RunQuery,
    options: { readonly pool: pg.Pool | undefined; readonly prepared: boolean },
  ) {
    this.context = context;
    this.#runQuery = runQuery;
    this.#pool = options.pool;
    this.#prepared = options.prepared;
  }

  /** A session on any connection of the pool; each statement is its own transaction. */
  static onPool(context: SessionContext, pool: pg.Pool): Session {
    return new Session(context, (config) => pool.query(config), { pool, prepared: true });
  }

  /** A session inside a transaction that somebody else began and will end. */
  static onCaller(context: SessionContext, client: CallerClient): Session {
    // Not prepared by name: the client is the caller's, and may be gone or be pooled by a proxy.
    const options = { pool: undefined, prepared: false };
    const bare = new Session(context, (config) => client.query(config), options);
    let style: string | undefined;
    const runQuery: RunQuery = async (config) => {
      style ??= await bare.queryOne(readDateStyle);
      if (style === undefined || style.startsWith("ISO")) return await client.query(config);
      // Other styles name zones by abbreviations that nobody can read back. Until the transaction
      // ends a failure leaves ours behind, but then all it can do is roll back.
      await bare.query(setDateStyle, ["ISO"]);
      const result = await client.query(config);
      await bare.query(setDateStyle, [style]);
      return result;
    };
    return new Session(context, runQuery, options);
  }

  /** Runs a statement; the rows come in the order the database gave. */
  async query<Decoded>(
    statement: Statement<Decoded>,
    parameters: readonly unknown[] = [],
  ): Promise<readonly Decoded[]> {
    const config: QueryConfig = {
      ...(this.#prepared ? { name: statement.name } : {}),
      text: this.#textOf(statement),
      values: [...parameters],
      types: rowTypes,
    };
    try {
      const result = await this.#runQuery(config);
      return result.rows.map((row) => statement.decode(row as Row));
    } catch (thrown) {
      throw storeErrorOf(thrown, statement.name);
    }
  }

  /** The first row, if any. */
  async queryOne<Decoded>(
    statement: Statement<Decoded>,
    parameters: readonly unknown[] = [],
  ): Promise<Decoded | undefined> {
    const rows = await this.query(statement, parameters);
    return rows[0];
  }

  /**
   * Runs `work` in a transaction; one that is already in a transaction joins it. The settings are
   * the transaction's own, and may only be about speed: one that is joined goes without them.
   */
  async transaction<T>(
    work: (session: Session) => Promise<T>,
    settings: TransactionSettings = {},
  ): Promise<T> {
    if (this.#pool === undefined) return await work(this);
    const client = await connect(this.#pool);
    const inside = new Session(this.context, (config) => client.query(config), {
      pool: undefined,
      prepared: true,
    });
    let broken: Error | undefined;
    try {
      // Whatever the database's default is: limits are counted under a lock with a later snapshot.
      await plain(client, `begin isolation level read committed${settingsText(settings)}`);
      const result = await work(inside);
      await plain(client, "commit");
      return result;
    } catch (thrown) {
      // A connection that cannot even roll back is of no more use to the pool.
      broken = await client.query("rollback").then(
        () => undefined,
        (failure: unknown) =>
          failure instanceof Error ? failure : storeErrorOf(failure, "rollback"),
      );
      throw thrown;
    } finally {
      client.release(broken);
    }
  }

  /** As `transaction`; one inside a transaction undoes only its own work when it throws. */
  async attempt<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#pool !== undefined) return await this.transaction(work);
    await this.query(savepoints.begin);
    try {
      const result = await work(this);
      await this.query(savepoints.release);
      return result;
    } catch (thrown) {
      // A connection that is gone says so with the first error.
      await this.query(savepoints.undo).catch(() => undefined);
      throw thrown;
    }
  }

  /** The `now` parameter of a time-dependent statement: null lets the database's clock rule. */
  nowParameter(): string | null {
    return instantParameter(this.context.now());
  }

  #textOf(statement: Statement<unknown>): string {
    const known = this.#texts.get(statement);
    if (known !== undefined) return known;
    const text = statement.text.replaceAll("{schema}", quoteIdentifier(this.context.schema));
    this.#texts.set(statement, text);
    return text;
  }
}

/** Travels with the beginning, so that it costs no round trip. */
function settingsText(settings: TransactionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `; set local ${name} = ${value}`)
    .join("");
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (thrown) {
    throw storeErrorOf(thrown, "connect");
  }
}

async function plain(client: pg.PoolClient, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (thrown) {
    throw storeErrorOf(thrown, text);
  }
}
