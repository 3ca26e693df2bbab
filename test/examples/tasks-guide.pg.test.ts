/** The program of docs/tasks.md: its blocks, put together, print what their comments say. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createDatabase } from "../postgres/database.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const guide = readFileSync(`${root}docs/tasks.md`, "utf8");
const program = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code).join("");

it("prints what its comments say", async () => {
  await using database = await createDatabase();
  const expected = [...program.matchAll(/; \/\/ (.+)$/gm)].map(([, text]) => text);
  expect(expected).toHaveLength(6);
  // Readers have the embedded PostgreSQL; a test has one of its own.
  const open = `Orrery.open({ databaseUrl: ${JSON.stringify(database.connectionString)},`;
  const code = program.replace("Orrery.open({", open);
  expect(code).not.toBe(program);
  const args = ["--conditions=orrery-source", "--input-type=module-typescript", "-e", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout.trimEnd().split("\n")).toEqual(expected);
});
