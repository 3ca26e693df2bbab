/** Looks at a database without changing it: who answers, what time it has, what was migrated. */

import { Client } from "pg";
import { present } from "../kernel/assert.ts";
import type { Instant } from "../kernel/instant.ts";
import { migrations } from "./migrations.generated.ts";
import { booleanOf, instantOf, numberOf, textOf } from "./row.ts";
import { Session } from "./session.ts";
import { statement } from "./statement.ts";
import { storeErrorOf } from "./store-errors.ts";

/** Which database, and which schema of it. */
export interface InspectOptions {
  readonly connectionString: string;
  readonly schema: string;
}

/** What was found. */
export interface DatabaseInspection {
  /** For people, as in `18.4`. */
  readonly serverVersion: string;
  /** As in `18`. */
  readonly majorVersion: number;
  /** The database's clock. */
  readonly now: Instant;
  /** Names of the migrations that have run, in order. */
  readonly migrated: readonly string[];
  /** Names of those that this release has and the schema has not. */
  readonly missing: readonly string[];
  /** Names of those that the schema has and this release does not know. */
  readonly unknown: readonly string[];
}

/** A server that is there answers at once or says why not. */
const answerMsMax = 5_000;

const facts = statement(
  "inspect_facts",
  `select
     current_setting('server_version') as server_version,
     current_setting('server_version_num')::integer / 10000 as major_version,
     clock_timestamp() as now,
     -- The migrator makes its table before anything else.
     exists (
       select from information_schema.tables
       where table_schema = $1 and table_name = 'migration'
     ) as migrated`,
  (row) => ({
    serverVersion: textOf(row, "server_version"),
    majorVersion: numberOf(row, "major_version"),
    now: instantOf(row, "now"),
    migrated: booleanOf(row, "migrated"),
  }),
);

const migrationNames = statement(
  "inspect_migrations",
  "select name from {schema}.migration order by name",
  (row) => textOf(row, "name"),
);

/**
 * Connects, looks and disconnects; nothing is created or migrated.
 * @throws StoreError `ORR_STORE_UNAVAILABLE` `ORR_STORE_REFUSED`
 */
export async function inspectDatabase(options: InspectOptions): Promise<DatabaseInspection> {
  const client = new Client({
    connectionString: options.connectionString,
    connectionTimeoutMillis: answerMsMax,
    query_timeout: answerMsMax,
    application_name: "orrery doctor",
    options: "-c timezone=UTC -c datestyle=ISO",
  });
  // A connection that breaks also fails the statement in flight.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const session = Session.onCaller({ schema: options.schema, now: () => null }, client);
    const [row] = await session.query(facts, [options.schema]);
    const found = present(row, "the row of facts");
    const migrated = found.migrated ? await session.query(migrationNames) : [];
    const known = Object.keys(migrations);
    return {
      serverVersion: found.serverVersion,
      majorVersion: found.majorVersion,
      now: found.now,
      migrated,
      missing: known.filter((name) => !migrated.includes(name)),
      unknown: migrated.filter((name) => !known.includes(name)),
    };
  } catch (error) {
    throw storeErrorOf(error, "inspect");
  } finally {
    // Ending a connection that never came about fails too, and says nothing new.
    await client.end().catch(() => undefined);
  }
}
