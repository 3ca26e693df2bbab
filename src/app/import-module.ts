/** Imports one module of the user's and says what is wrong with it in words that help. */

import { existsSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock, delay } from "../kernel/clock.ts";
import { ConfigError, messageOf } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";

/** A module that takes longer to import, because it awaits something, is given up on. */
const importMsMax = 30_000;

/** A module's exports by name; reading one may throw when modules import each other in a circle. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/**
 * Imports a module by its path. Importing runs the module's own statements and nothing else.
 * @throws ConfigError `ORR_CONFIG_FILE` naming the file, with what it threw as `cause`
 */
export async function importModule(path: string, clock: Clock): Promise<ModuleExports> {
  const given = new AbortController();
  const late = delay(clock, importMsMax, given.signal).then(() => {
    throw importError(path, { problem: `it was not imported within ${importMsMax} ms` });
  });
  try {
    const exports: unknown = await Promise.race([import(pathToFileURL(path).href), late]);
    return isRecord(exports) ? exports : {};
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    if (!existsSync(path)) throw importError(path, { problem: noFile, cause: thrown });
    throw isUnreadableTypeScript(path, thrown)
      ? importError(path, { problem: noTypeScript, cause: thrown })
      : importError(path, { problem: messageOf(thrown), cause: thrown });
  } finally {
    given.abort();
    // The timer's rejection has nobody left to tell.
    late.catch(() => undefined);
  }
}

const noTypeScript = `this Node.js (${process.version}) cannot read TypeScript`;

const noFile = "there is no such file";

function importError(
  path: string,
  { problem, cause }: { readonly problem: string; readonly cause?: unknown },
): ConfigError {
  return new ConfigError("ORR_CONFIG_FILE", `cannot load ${path}: ${problem}`, {
    details: { field: "tasks", value: path },
    cause,
  });
}

/** Node.js before 22.18 has no words of its own for it. */
function isUnreadableTypeScript(path: string, thrown: unknown): boolean {
  return (
    [".ts", ".mts"].includes(extname(path)) &&
    isRecord(thrown) &&
    thrown["code"] === "ERR_UNKNOWN_FILE_EXTENSION"
  );
}
