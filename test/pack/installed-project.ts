/** A project of a user's: the packed package, installed as the README says. */

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PackedPackage, parsePacked } from "../../tools/check-package.ts";
import { runNpm } from "./commands.ts";
import { readmeBlock } from "./readme.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** A tarball of this repository. */
export interface Tarball extends PackedPackage {
  /** Absolute. */
  readonly path: string;
}

/** Builds and packs this repository into `directory`. */
export async function packRepository(directory: string): Promise<Tarball> {
  const { out } = await runNpm(["pack", "--json", "--pack-destination", directory], repository);
  const packed = parsePacked(out);
  return { ...packed, path: join(directory, packed.filename) };
}

/** Does what the README's first block says, with the tarball for `orrery`. */
export async function installProject(directory: string, tarball: Tarball): Promise<void> {
  await mkdir(directory);
  // The same rule for the age of dependencies as here, so that both find the same ones.
  await copyFile(join(repository, ".npmrc"), join(directory, ".npmrc"));
  const lines = (await readmeBlock("sh")).split("\n");
  for (const line of lines) {
    const [npm, ...args] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (npm !== "npm") throw new Error(`only npm is run here: ${line}`);
    await runNpm(
      args.map((arg) => wordHere(arg, tarball)),
      directory,
    );
  }
}

function wordHere(word: string, tarball: Tarball): string {
  if (word === "orrery") return tarball.path;
  // The README names the platform that most readers have.
  return word.replace("/linux-x64@", `/${process.platform}-${process.arch}@`);
}

/** The oldest Node.js that the package promises to run on. */
export const oldestVersion = "22.13.0";

/** Whether npm has that Node.js for this machine: there is no package of it for others. */
export const hasOldest: boolean = process.platform === "linux" && process.arch === "x64";

/** Installs the oldest Node.js into `directory`; answers its program. */
export async function installOldestNode(directory: string): Promise<string> {
  await mkdir(directory);
  await copyFile(join(repository, ".npmrc"), join(directory, ".npmrc"));
  await writeFile(join(directory, "package.json"), '{ "private": true }\n');
  const name = `node-${process.platform}-${process.arch}`;
  await runNpm(["install", `${name}@${oldestVersion}`], directory);
  return join(directory, "node_modules", name, "bin", "node");
}
