import { readFile } from "node:fs/promises";
import { Client } from "pg";
import { expect, test } from "vitest";
import { createDatabase } from "../../test/postgres/database.ts";
import { dumpSchema } from "../../tools/schema-dump.ts";

test("the committed page of the schema is what the migrations make", async () => {
  await using database = await createDatabase();
  const client = new Client({ connectionString: database.connectionString });
  await client.connect();
  const made = await dumpSchema(client, "orrery");
  await client.end();
  const committed = await readFile(new URL("./schema.sql", import.meta.url), "utf8");
  // When this fails: node --conditions=orrery-source tools/generate-schema.ts
  expect(made).toBe(committed);
});
