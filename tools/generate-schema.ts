/**
 * Writes `src/store/schema.sql` from a freshly migrated database on the embedded PostgreSQL. Run it
 * after adding a migration, with `--conditions=orrery-source`; a test fails while it is stale.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { systemClock } from "../src/kernel/clock.ts";
import { startEmbedded } from "../src/store/embedded/embedded.ts";
import { migrate } from "../src/store/migrate.ts";
import { dumpSchema } from "./schema-dump.ts";

const target = new URL("../src/store/schema.sql", import.meta.url);
const directory = await mkdtemp(join(tmpdir(), "orrery-schema-"));

try {
  await using server = await startEmbedded({ directory, clock: systemClock, durable: false });
  const { connectionString } = server;
  await migrate({ connectionString, schema: "orrery" });
  const client = new Client({ connectionString });
  await client.connect();
  await writeFile(target, await dumpSchema(client, "orrery"));
  await client.end();
} finally {
  await rm(directory, { recursive: true, force: true });
}
