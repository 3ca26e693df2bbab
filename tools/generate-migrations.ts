/**
 * Writes `src/store/migrations.generated.ts` from the numbered `.sql` files beside it, so that a
 * bundled application can migrate too. `--check` only says whether the module is current.
 */

import { readdir, readFile, writeFile } from "node:fs/promises";

const source = new URL("../src/store/migrations/", import.meta.url);
const target = new URL("../src/store/migrations.generated.ts", import.meta.url);

const names = (await readdir(source)).filter((name) => name.endsWith(".sql")).toSorted();
const entries = await Promise.all(
  names.map(async (name) => {
    const sql = await readFile(new URL(name, source), "utf8");
    return `  ${JSON.stringify(name.slice(0, -".sql".length))}: ${JSON.stringify(sql)},\n`;
  }),
);
const text = `/** Made by tools/generate-migrations.ts from migrations/*.sql; do not edit. */

/** The migrations by name, in their order. */
export const migrations: Readonly<Record<string, string>> = {
${entries.join("")}};
`;

const current = await readFile(target, "utf8").catch(() => "");
if (process.argv.includes("--check")) {
  process.exitCode = current === text ? 0 : 1;
  if (current !== text) console.error("migrations.generated.ts is stale: npm run generate");
} else if (current !== text) {
  await writeFile(target, text);
}
