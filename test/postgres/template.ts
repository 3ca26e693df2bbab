/**
 * The template that each test's database is cloned from: migrated once per run, since a clone costs
 * about 25 ms and a migration many times that.
 */

import { Client } from "pg";

import { migrate } from "../../src/store/migrate.ts";
import { integerBetween, createRng, randomSeed } from "../../src/kernel/rng.ts";

/** Brings the empty database at the address to the current schema. */
export type Migrate = (connectionString: string) => Promise<void>;

/** Applies the store's migrations. The only place that knows how. */
export const migrateStore: Migrate = async (connectionString) => {
  await migrate({ connectionString, schema: "orrery" });
};

/**
 * Makes and migrates the template on the server at `adminConnectionString`.
 * @returns the template's name, fresh for each call
 */
export async function prepareTemplate(
  adminConnectionString: string,
  prepare: Migrate = migrateStore,
): Promise<string> {
  const name = freshName("template");
  await runStatement(adminConnectionString, `create database ${name}`);
  // Closed again by `prepare`: a template with a connection cannot be cloned.
  await prepare(withDatabase(adminConnectionString, name));
  return name;
}

/** The same server's address for another database. */
export function withDatabase(connectionString: string, name: string): string {
  return connectionString.replace(/^([a-z]+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`);
}

/** A name that neither this run nor another one on the same server uses. */
export function freshName(kind: string): string {
  const rng = createRng(randomSeed());
  const part = (): string => integerBetween(rng, 0, 2 ** 32 - 1).toString(36);
  return `orrery_${kind}_${process.pid}_${part()}${part()}`;
}

/** Runs one statement on a connection of its own. */
export async function runStatement(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
