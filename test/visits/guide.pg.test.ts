/** The examples of docs/visits.md: each is run, and prints what its comments say. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

import { createDatabase } from "../postgres/database.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const guide = readFileSync(`${root}docs/visits.md`, "utf8");
const examples = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

it("has an example of visits and one of tests", () => {
  expect(examples.map((code) => /(?:Orrery\.open|openStepped)\(\{/.exec(code)?.[0])).toEqual([
    "Orrery.open({",
    "openStepped({",
  ]);
});

it.each(examples.map((code) => [code.split("\n")[0] ?? "", code]))(
  "prints what its comments say: %s…",
  async (_, code) => {
    await using database = await createDatabase();
    // Not in a data directory: the embedded database of the tests is there already.
    const place = `databaseUrl: ${JSON.stringify(database.connectionString)},`;
    const placed = code.replace(/(Orrery\.open|openStepped)\(\{/, `$1({ ${place}`);
    const expected = [...code.matchAll(/; \/\/ (.+)$/gm)].map(([, text]) => text);
    expect(expected.length).toBeGreaterThan(0);
    const args = ["--conditions=orrery-source", "--input-type=module-typescript", "-e", placed];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
  },
);
