/** Schemas of earlier releases, for tests of what later migrations make of them. */

import { migrations } from "../../src/store/migrations.generated.ts";
import type { TestDatabase } from "./database.ts";

/** Makes the schema anew as the release had it whose last migration is given. */
export async function migrateUntil({ query }: TestDatabase, last: string): Promise<void> {
  await query("drop schema orrery cascade");
  await query("create schema orrery");
  await query("set search_path = orrery");
  await query("create table migration (name varchar(255) primary key, timestamp varchar(255))");
  for (const [name, sql] of Object.entries(migrations)) {
    if (name > last) break;
    await query(sql);
    await query("insert into migration values ($1, now()::text)", [name]);
  }
  await query("reset search_path");
}
