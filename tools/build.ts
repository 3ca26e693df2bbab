/** Emits `dist/` from `src/` for Node.js 22.13 and newer; does nothing when `dist/` is current. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, glob, readFile, rm, writeFile } from "node:fs/promises";

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
  const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  await chmod("dist/cli/main.js", 0o755);
  await writeFile(stampFile, digest);
}
