/** Looking at a database: what is told of it, and that looking changes nothing. */

import { describe, expect, it } from "vitest";
import { createDatabase } from "../../test/postgres/database.ts";
import { inspectDatabase } from "./inspect.ts";

describe("inspectDatabase", () => {
  it("tells version, time and migrations of a migrated schema", async () => {
    await using database = await createDatabase();
    const { connectionString } = database;
    const found = await inspectDatabase({ connectionString, schema: "orrery" });
    expect(found.majorVersion).toBeGreaterThanOrEqual(14);
    expect(found.serverVersion.startsWith(String(found.majorVersion))).toBe(true);
    expect(found.migrated).toContain("0001_foundation");
    expect([found.missing, found.unknown]).toEqual([[], []]);
    const [row] = await database.query("select extract(epoch from now())::integer as seconds");
    expect(Math.abs(Number(found.now / 1_000_000n) - Number(row?.["seconds"]))).toBeLessThan(60);
  });

  it("finds nothing migrated in a schema that is not there, and does not make it", async () => {
    await using database = await createDatabase();
    const { connectionString } = database;
    const found = await inspectDatabase({ connectionString, schema: "elsewhere" });
    expect(found.migrated).toEqual([]);
    expect(found.missing).toContain("0001_foundation");
    const schemas = await database.query("select from pg_namespace where nspname = 'elsewhere'");
    expect(schemas).toEqual([]);
  });

  it("names migrations of a later release", async () => {
    await using database = await createDatabase();
    await database.query("insert into orrery.migration values ('9999_later', now()::text)");
    const { connectionString } = database;
    const found = await inspectDatabase({ connectionString, schema: "orrery" });
    expect(found.unknown).toEqual(["9999_later"]);
  });

  it("says that nobody answers where nobody does", async () => {
    const connectionString = "postgres://nobody@127.0.0.1:1/nothing";
    await expect(inspectDatabase({ connectionString, schema: "orrery" })).rejects.toMatchObject({
      code: "ORR_STORE_UNAVAILABLE",
    });
  });
});
