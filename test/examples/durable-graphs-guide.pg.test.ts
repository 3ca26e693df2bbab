/**
 * The programs of docs/durable-graphs.md print what their comments say. A block that opens Orrery
 * begins a program; one that does not goes on with the program before it.
 */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createDatabase } from "../postgres/database.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const guide = readFileSync(`${root}docs/durable-graphs.md`, "utf8");
const blocks = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
const open = "Orrery.open({";

function programs(): readonly string[] {
  const found: string[] = [];
  for (const block of blocks) {
    if (block.includes(open)) found.push(block);
    else found.push((found.pop() ?? "") + block);
  }
  return found;
}

it("has programs that run, add nodes, undo, and begin with a pure graph", () => {
  const used = ["waitForGraph", "addNodes", "undoGraph", "graphRequestOf"];
  expect(programs()).toHaveLength(used.length);
  for (const [place, name] of used.entries()) expect(programs()[place]).toContain(name);
});

it.each(programs().map((code, place) => [place + 1, code] as const))(
  "program %i prints what its comments say",
  async (_, code) => {
    await using database = await createDatabase();
    const expected = [...code.matchAll(/; \/\/ (.+)$/gm)].map(([, text]) => text);
    expect(expected).not.toEqual([]);
    // Readers have the embedded PostgreSQL; a test has one of its own.
    const url = JSON.stringify(database.connectionString);
    const program = code.replace(open, `${open} databaseUrl: ${url},`);
    const args = ["--conditions=orrery-source", "--input-type=module-typescript", "-e", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
  },
);
