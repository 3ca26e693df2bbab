/**
 * `orrery.config.ts`: found, imported and checked. Whoever starts something from it (the CLI) adds
 * what the command line and the environment say.
 */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { ConfigError, InvalidInputError } from "../kernel/errors.ts";
import type { OrreryConfig } from "./config.ts";
import { readConfig } from "./config-fields.ts";
import { importModule, type ModuleExports } from "./import-module.ts";

/** A configuration and where it came from. */
export interface LoadedConfig {
  /** The file, absolute; undefined when there is none and everything is default. */
  readonly path: string | undefined;
  /** What relative paths in it are relative to. */
  readonly directory: string;
  readonly config: OrreryConfig;
}

/** The names that are looked for, the first one that is there wins. */
export const configFileNames: readonly string[] = [
  "orrery.config.ts",
  "orrery.config.mts",
  "orrery.config.js",
  "orrery.config.mjs",
];

/** The configuration file of a directory, if it has one. */
export function findConfigFile(directory: string): string | undefined {
  return configFileNames.map((name) => resolve(directory, name)).find((path) => existsSync(path));
}

/**
 * Loads the file `path`, or the one that `directory` has. Without `path` a directory without a
 * file gives the defaults.
 * @throws ConfigError `ORR_CONFIG_FILE` when it is not there or cannot be imported
 * @throws ConfigError `ORR_CONFIG_INVALID` naming the field and its value
 */
export async function loadConfig(where: {
  readonly directory: string;
  readonly path?: string | undefined;
  readonly clock: Clock;
}): Promise<LoadedConfig> {
  const named = where.path === undefined ? undefined : resolve(where.directory, where.path);
  if (named !== undefined && !existsSync(named)) {
    throw new ConfigError("ORR_CONFIG_FILE", `there is no configuration file ${named}`, {
      details: { field: "config", value: named },
    });
  }
  const path = named ?? findConfigFile(where.directory);
  if (path === undefined) return { path, directory: where.directory, config: {} };
  const config = checked(await importDefault(path, where.clock), path);
  return { path, directory: dirname(path), config };
}

async function importDefault(path: string, clock: Clock): Promise<unknown> {
  const exports = await importConfig(path, clock);
  if ("default" in exports) return exports["default"];
  throw new ConfigError("ORR_CONFIG_FILE", `${path} has no default export`, {
    details: {
      field: "config",
      value: path,
      hint: "end it with `export default defineConfig({ ... })`, imported from orrery",
    },
  });
}

/** Imports the file; the error says which setting named it, and what helps. */
async function importConfig(path: string, clock: Clock): Promise<ModuleExports> {
  try {
    return await importModule(path, clock);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const hint = error.message.includes("cannot read TypeScript")
      ? "use Node.js 22.18 or newer, or write the configuration in JavaScript (.js, .mjs)"
      : "the message comes from the file itself, or from what it imports";
    const details = { field: "config", value: path, hint };
    throw new ConfigError("ORR_CONFIG_FILE", error.message, { details, cause: error.cause });
  }
}

/** The same checks as for input, told as an error of the configuration. */
function checked(value: unknown, path: string): OrreryConfig {
  try {
    return readConfig(value);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError("ORR_CONFIG_INVALID", `${path}: ${error.message}`, {
      details: { ...error.details, file: path, hint: "correct the field and start again" },
      cause: error,
    });
  }
}
