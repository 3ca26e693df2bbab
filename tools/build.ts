/**
 * Emits `dist/` from `src/` for Node.js 22.13 and newer; does nothing when `dist/` is current.
 * Types are held by `npm run check`: without them the first `npm start` is ready seconds sooner,
 * and what is emitted is the same.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, glob, readFile, rm, writeFile } from "node:fs/promises";

/** Beside what was emitted, so that one cannot go without the other; not in the package. */
const stampFile = "dist/.stamp";

/** A digest of everything that the output depends on. */
async function digestOfSources(): Promise<string> {
  const files = await Array.fromAsync(glob("src/**/*.ts"));
  files.push("package.json", "tsconfig.base.json", "tsconfig.build.json", "tools/build.ts");
  const hash = createHash("sha256");
  for (const file of files.toSorted()) hash.update(file).update(await readFile(file));
  return hash.digest("hex");
}

const digest = await digestOfSources();
const stamp = await readFile(stampFile, "utf8").catch(() => "");
if (stamp !== digest) {
  await rm("dist", { recursive: true, force: true });
  const emitted = spawnSync("tsc", ["-p", "tsconfig.build.json", "--noCheck"], {
    // What `npm pack --json` prints must stay JSON.
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (emitted.error !== undefined) {
    console.error(`cannot run tsc (${emitted.error.message}); after npm ci: npm run build`);
  }
  if (emitted.status !== 0) process.exit(emitted.status ?? 1);
  await chmod("dist/cli/main.js", 0o755);
  await writeFile(stampFile, digest);
}
