/** `orrery init`: writes into a folder what a first server needs. */

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { findConfigFile } from "../../app/config-file.ts";
import { databasePackages, packageVersion } from "../../app/package-facts.ts";
import { StateError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import { newCommand } from "../command.ts";
import { withOutputOptions } from "../connection/connection-options.ts";
import { chooseExtension, type InitFile, initFiles } from "../init-files.ts";
import { createScreen, type ScreenOptions } from "../screen.ts";
import type { Shell } from "../shell.ts";

interface InitOptions extends ScreenOptions {
  readonly force?: boolean;
}

/** What became of one file. */
interface InitResult {
  readonly path: string;
  readonly action: "written" | "overwritten" | "kept";
}

/** The command. */
export function initCommand(shell: Shell): Command {
  return withOutputOptions(
    newCommand(shell, {
      name: "init",
      description: "write a configuration and a first task into a folder",
    }),
  )
    .argument("[folder]", "where; made if it is not there", ".")
    .option("--force", "overwrite the configuration and the task that are there")
    .action((folder: string, options: InitOptions) =>
      initialise(shell, { directory: resolve(shell.directory, folder), options }),
    );
}

async function initialise(
  shell: Shell,
  { directory, options }: { readonly directory: string; readonly options: InitOptions },
): Promise<void> {
  const screen = createScreen(shell, options);
  const files = initFiles({
    name: basename(directory),
    version: packageVersion(),
    databasePackages: databasePackages(),
    extension: chooseExtension({
      // Before 22.18 Node.js says no, unless it was started with a flag.
      readsTypeScript: process.features.typescript !== false,
      packageType: await packageTypeOf(directory),
    }),
  });
  if (options.force !== true) refuseToOverwrite(directory, files);
  const results: InitResult[] = [];
  for (const file of files) {
    results.push(await write(directory, file, options.force === true));
  }
  const shown = relative(shell.directory, directory);
  screen.show({ directory, files: results }, () => {
    for (const { path, action } of results) screen.line(`${action.padEnd(11)} ${path}`);
    screen.line("");
    screen.line("Next:");
    if (shown !== "") screen.line(`  cd ${shown}`);
    screen.line("  npm install");
    screen.line("  npx orrery serve             starts the server and runs the task");
    screen.line(`  npx orrery task add hello --input '{"name":"you"}' --wait`);
  });
}

/** `type` of the folder's manifest; undefined when it says none or cannot be read. */
async function packageTypeOf(directory: string): Promise<unknown> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
    return isRecord(manifest) ? manifest["type"] : undefined;
  } catch {
    // Not there, or broken: npm will say so, and better than we could.
    return undefined;
  }
}

/** All or nothing: a folder that has one of our files is left as it is. */
function refuseToOverwrite(directory: string, files: readonly InitFile[]): void {
  const config = findConfigFile(directory);
  const there = [
    ...(config === undefined ? [] : [config]),
    ...files.filter((file) => file.ours).map((file) => join(directory, file.path)),
  ].find((path) => existsSync(path));
  if (there === undefined) return;
  throw new StateError("ORR_STATE_TRANSITION", `${there} exists; nothing was written`, {
    details: { path: there, hint: "--force overwrites it; other folders: orrery init <folder>" },
  });
}

async function write(directory: string, file: InitFile, force: boolean): Promise<InitResult> {
  const path = join(directory, file.path);
  const there = existsSync(path);
  // What is not ours may hold other things; even --force leaves it alone.
  if (there && !(file.ours && force)) return { path: file.path, action: "kept" };
  await mkdir(dirname(path), { recursive: true });
  // `wx` refuses a file that came to be since the check.
  await writeFile(path, file.text, { flag: there ? "w" : "wx" });
  return { path: file.path, action: there ? "overwritten" : "written" };
}
