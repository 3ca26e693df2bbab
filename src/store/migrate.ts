/**
 * Brings a schema to this release's migrations. Any number of processes may do so at once: one
 * works, the others wait for its lock; a schema that has them all is left alone. One of a later
 * release is refused.
 */

import { type Migration, Migrator } from "kysely/migration";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { OrreryError, StoreError, messageOf } from "../kernel/errors.ts";
import { migrations } from "./migrations.generated.ts";
import { quoteIdentifier } from "./statement.ts";
import { storeErrorOf } from "./store-errors.ts";

/** Tables of the migrator: which migrations have run, and its lock. */
const tables = { done: "migration", lock: "migration_lock" } as const;

/** Separates our advisory lock from those of other programs; "orry" in ASCII. */
const lockSpace = 0x6f72_7279;

/** Milliseconds to wait for a connection before the database counts as unreachable. */
const connectMsMax = 5_000;

/** What is to be migrated. */
export interface MigratedPlace {
  readonly connectionString: string;
  readonly schema: string;
}

/**
 * Creates the schema and runs what is missing; answers the names of what ran.
 * @throws StoreError `ORR_STORE_VERSION` for a schema that a later release has changed
 * @throws StoreError `ORR_STORE_UNAVAILABLE` `ORR_STORE_REFUSED`
 */
export async function migrate({ connectionString, schema }: MigratedPlace): Promise<string[]> {
  const pool = new pg.Pool({ connectionString, max: 2, connectionTimeoutMillis: connectMsMax });
  // Breaks of idle connections and of those in use; the next query reports them to us.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    if (await isCurrent(pool, schema)) return [];
    // The migrator creates its tables before it takes its own lock: two at once would collide.
    return await withLock(pool, schema, async () => await run(pool, schema));
  } catch (thrown) {
    throw storeErrorOf(thrown, "migrate");
  } finally {
    await pool.end();
  }
}

/** Mostly there is nothing to do, and finding that out must cost a start no more than a look. */
async function isCurrent(pool: pg.Pool, schema: string): Promise<boolean> {
  const done = `${quoteIdentifier(schema)}.${tables.done}`;
  const looked = await pool.query<{ found: boolean }>(
    "select to_regclass($1) is not null as found",
    [done],
  );
  if (looked.rows[0]?.found !== true) return false;
  // A migration and its name are committed together.
  const { rows } = await pool.query<{ name: string }>(`select name from ${done} order by name`);
  const known = Object.keys(migrations);
  return rows.length === known.length && rows.every(({ name }) => known.includes(name));
}

async function withLock<T>(pool: pg.Pool, schema: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1, hashtext($2))", [lockSpace, schema]);
    return await work();
  } finally {
    // Closing the connection releases the lock, whatever state it is in.
    client.release(true);
  }
}

async function run(pool: pg.Pool, schema: string): Promise<string[]> {
  const migrator = new Migrator({
    // Not destroyed, which would only end the pool; its owner does that.
    db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
    provider: { getMigrations: () => Promise.resolve(provide(schema)) },
    migrationTableName: tables.done,
    migrationLockTableName: tables.lock,
    migrationTableSchema: schema,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return (results ?? []).map((result) => result.migrationName);
  if (error instanceof OrreryError) throw error;
  if (/corrupted migrations/i.test(messageOf(error))) {
    throw new StoreError(
      "ORR_STORE_VERSION",
      `schema ${schema} was changed by a later release of Orrery; this one knows ` +
        `${Object.keys(migrations).length} migrations: ${messageOf(error)}`,
      { transient: false, cause: error },
    );
  }
  throw storeErrorOf(error, "migrate");
}

/** Each file runs as it stands, in one transaction, with the schema as its search path. */
function provide(schema: string): Record<string, Migration> {
  const wrapped = Object.entries(migrations).map(([name, sql]): [string, Migration] => [
    name,
    {
      up: async (database) => {
        const path = `set local search_path = ${quoteIdentifier(schema)}`;
        await database.executeQuery(CompiledQuery.raw(path));
        await database.executeQuery(CompiledQuery.raw(sql));
      },
    },
  ]);
  return Object.fromEntries(wrapped);
}
