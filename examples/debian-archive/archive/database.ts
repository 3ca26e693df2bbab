/** The example's own tables, beside the queue in the same database. All of its SQL stands here. */

import { Client } from "pg";
import type { NameCount, PairCount } from "./origin-report.ts";
import type { Origin } from "./origin-line.ts";

/** A line kept aside. */
export interface KeptAside {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** What a batch changed. */
export interface BatchCounts {
  readonly inserted: number;
  readonly updated: number;
}

/**
 * Connects, makes sure that the tables are there, works, and disconnects whatever happens.
 */
export async function withArchive<T>(
  databaseUrl: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "debian-archive example",
  });
  // A connection that breaks also fails the statement in flight; unheard it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await createTables(client);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Any two runs may come here at once: the lock lets one of them create, the other find. */
async function createTables(client: Client): Promise<void> {
  const { rows } = await client.query("select to_regclass('debian_archive.host_count') as found");
  const first: unknown = rows[0];
  const isThere =
    typeof first === "object" && first !== null && "found" in first && first.found !== null;
  if (isThere) return;
  await client.query(`
    begin;
    select pg_advisory_xact_lock(hashtext('debian_archive'));
    create schema if not exists debian_archive;
    create table if not exists debian_archive.origin (
      package text primary key,
      version text not null,
      section text not null,
      url text not null,
      host text not null,
      branch text,
      homepage text
    );
    create table if not exists debian_archive.malformed (
      line integer primary key,
      text text not null,
      reason text not null
    );
    create table if not exists debian_archive.answer (
      name text primary key,
      answer jsonb not null
    );
    create table if not exists debian_archive.host_count (
      name text primary key,
      count integer not null
    );
    commit;`);
}

/** Stores origins; those that are there as they are stay untouched and count as neither. */
export async function storeOrigins(
  client: Client,
  origins: readonly Origin[],
): Promise<BatchCounts> {
  const column = (name: Exclude<keyof Origin, "kind">): readonly (string | null)[] =>
    origins.map((origin) => origin[name]);
  const { rows } = await client.query<{ inserted: boolean }>(
    `insert into debian_archive.origin as old
       (package, version, section, url, host, branch, homepage)
     select *
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     on conflict (package) do update
     set version = excluded.version, section = excluded.section, url = excluded.url,
       host = excluded.host, branch = excluded.branch, homepage = excluded.homepage
     where (old.version, old.section, old.url, old.host, old.branch, old.homepage)
       is distinct from (excluded.version, excluded.section, excluded.url, excluded.host,
         excluded.branch, excluded.homepage)
     -- A row that no transaction has replaced is a new one.
     returning old.xmax = 0 as inserted`,
    [
      column("package"),
      column("version"),
      column("section"),
      column("url"),
      column("host"),
      column("branch"),
      column("homepage"),
    ],
  );
  const inserted = rows.filter((row) => row.inserted).length;
  return { inserted, updated: rows.length - inserted };
}

/** Makes the lines kept aside exactly these; answers how many rows that changed. */
export async function keepAside(client: Client, lines: readonly KeptAside[]): Promise<number> {
  const numbers = lines.map(({ line }) => line);
  const stored = await client.query(
    `insert into debian_archive.malformed as old (line, text, reason)
     select * from unnest($1::integer[], $2::text[], $3::text[])
     on conflict (line) do update
     set text = excluded.text, reason = excluded.reason
     where (old.text, old.reason) is distinct from (excluded.text, excluded.reason)`,
    [numbers, lines.map(({ text }) => text), lines.map(({ reason }) => reason)],
  );
  const dropped = await client.query(
    "delete from debian_archive.malformed where line <> all($1::integer[])",
    [numbers],
  );
  return (stored.rowCount ?? 0) + (dropped.rowCount ?? 0);
}

/** Origins by host and section. */
export async function countPairs(client: Client): Promise<readonly PairCount[]> {
  const { rows } = await client.query<{ host: string; section: string; count: number }>(
    `select host, section, count(*)::integer as count
     from debian_archive.origin
     group by host, section`,
  );
  return rows;
}

/** The counts by host that the last call of `storeHostCounts` stored. */
export async function readHostCounts(client: Client): Promise<readonly NameCount[]> {
  const { rows } = await client.query<{ name: string; count: number }>(
    "select name, count from debian_archive.host_count",
  );
  return rows;
}

/** Replaces the stored counts by host. */
export async function storeHostCounts(client: Client, counts: readonly NameCount[]): Promise<void> {
  const names = counts.map(({ name }) => name);
  await client.query("delete from debian_archive.host_count where name <> all($1::text[])", [
    names,
  ]);
  await client.query(
    `insert into debian_archive.host_count (name, count)
     select * from unnest($1::text[], $2::integer[])
     on conflict (name) do update set count = excluded.count`,
    [names, counts.map(({ count }) => count)],
  );
}

/** Stores an answer under a name; answers whether it differs from the one stored before. */
export async function storeAnswer(
  client: Client,
  { name, answer }: { readonly name: string; readonly answer: object },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into debian_archive.answer as old (name, answer)
     values ($1, $2::jsonb)
     on conflict (name) do update
     set answer = excluded.answer
     where old.answer is distinct from excluded.answer`,
    [name, JSON.stringify(answer)],
  );
  return rowCount === 1;
}

/** The version of the server, which shows that the database answers. */
export async function askVersion(client: Client): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return rows[0]?.version ?? "unknown";
}
