/**
 * Finds task definitions in directories of modules. A module that cannot be imported is reported
 * with its error and hides none of the others; no handler is run.
 */

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { ConfigError, messageOf } from "../kernel/errors.ts";
import { isTaskDefinition, withName } from "../model/define-task.ts";
import type { TaskDefinition } from "../model/handler.ts";
import { importModule, type ModuleExports } from "./import-module.ts";

/** More modules than this are taken for a directory given by mistake. */
const moduleCountMax = 10_000;

/** A definition with its name and the place it came from. */
export interface FoundTask {
  /** As users wrote it; its name may be empty. */
  readonly definition: TaskDefinition;
  /** The same under the name that it has here. */
  readonly named: TaskDefinition;
  /** For people: the file and the export. */
  readonly origin: string;
}

/** A module that could not be imported, or whose definitions cannot be used. */
export interface BrokenModule {
  /** Absolute. */
  readonly file: string;
  readonly error: ConfigError;
}

/** What a scan found, in the order of paths and exports. */
export interface TaskScan {
  readonly tasks: readonly FoundTask[];
  readonly broken: readonly BrokenModule[];
}

/**
 * Imports every module below the directories (`.ts`, `.mts`, `.js`, `.mjs`; no tests, no
 * declarations, nothing in `node_modules` or in dot directories) and collects what `defineTask`
 * made. A definition without name is called after its module and export, `jobs.mail.sendAll`.
 * @throws ConfigError `ORR_CONFIG_INVALID` for a directory that cannot be read
 */
export async function scanTasks(directories: readonly string[], clock: Clock): Promise<TaskScan> {
  const tasks: FoundTask[] = [];
  const broken: BrokenModule[] = [];
  const seen = new Set<TaskDefinition>();
  for (const directory of directories.map((each) => resolve(each))) {
    for (const file of await listModules(directory)) {
      try {
        const exports = await importModule(file, clock);
        // All of a module or nothing: a half-registered module would be harder to notice.
        const found = tasksOf(exports, { file, modulePath: modulePathOf(file, { directory }) });
        // What one module imports and exports again stays with the first that showed it.
        for (const task of found.filter((each) => !seen.has(each.definition))) {
          seen.add(task.definition);
          tasks.push(task);
        }
      } catch (thrown) {
        broken.push({ file, error: asConfigError(thrown, file) });
      }
    }
  }
  return { tasks, broken };
}

async function listModules(directory: string): Promise<readonly string[]> {
  const files: string[] = [];
  const waiting = [directory];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await entriesOf(next, { root: directory })) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && isScanned(entry.name)) waiting.push(path);
      else if (isModuleName(entry.name) && (await isFile(entry, path))) files.push(path);
    }
    if (files.length > moduleCountMax) {
      throw unreadable(directory, { problem: `it holds more than ${moduleCountMax} modules` });
    }
  }
  return files.toSorted();
}

async function entriesOf(
  directory: string,
  { root }: { readonly root: string },
): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (thrown) {
    throw unreadable(root, { problem: messageOf(thrown), cause: thrown });
  }
}

function unreadable(
  directory: string,
  { problem, cause }: { readonly problem: string; readonly cause?: unknown },
): ConfigError {
  return new ConfigError(
    "ORR_CONFIG_INVALID",
    `the task directory ${directory} cannot be scanned: ${problem}`,
    { details: { field: "taskDirectories", value: directory }, cause },
  );
}

function isScanned(directoryName: string): boolean {
  return directoryName !== "node_modules" && !directoryName.startsWith(".");
}

function isModuleName(name: string): boolean {
  return /\.(ts|mts|js|mjs)$/.test(name) && !/\.(test|d)\.[a-z]+$/.test(name);
}

/** Files that are mounted as links are modules too; linked directories could form a circle. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return stat(path).then(
    (target) => target.isFile(),
    // A link to nothing is no module.
    () => false,
  );
}

/** `jobs/mail.ts` below the directory is `jobs.mail`. */
function modulePathOf(file: string, { directory }: { readonly directory: string }): string {
  return relative(directory, file)
    .replace(/\.[a-z]+$/, "")
    .split(sep)
    .join(".");
}

function tasksOf(
  exports: ModuleExports,
  { file, modulePath }: { readonly file: string; readonly modulePath: string },
): readonly FoundTask[] {
  return Object.keys(exports)
    .toSorted()
    .flatMap((name) => {
      const definition = exports[name];
      if (!isTaskDefinition(definition)) return [];
      const own = definition.settings.name;
      const derived = name === "default" ? modulePath : `${modulePath}.${name}`;
      const named = own === "" ? withName(definition, derived) : definition;
      return [{ definition, named, origin: `${file}#${name}` }];
    });
}

function asConfigError(thrown: unknown, file: string): ConfigError {
  if (thrown instanceof ConfigError) return thrown;
  return new ConfigError("ORR_CONFIG_FILE", `cannot use ${file}: ${messageOf(thrown)}`, {
    details: { field: "tasks", value: file },
    cause: thrown,
  });
}
