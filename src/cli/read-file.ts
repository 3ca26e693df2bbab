/** Reads files that the command line names, and says in plain words when it cannot. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InvalidInputError, messageOf } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";
import type { Shell } from "./shell.ts";

/**
 * The text of a file; its path is taken from the shell's directory.
 * @throws InvalidInputError `ORR_INPUT_INVALID` with `field` in its details
 */
export async function readTextFile(
  shell: Pick<Shell, "directory">,
  { file, field }: { readonly file: string; readonly field: string },
): Promise<string> {
  const path = resolve(shell.directory, file);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new InvalidInputError("ORR_INPUT_INVALID", `cannot read ${path}: ${problemOf(error)}`, {
      details: { field, value: file },
      cause: error,
    });
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "access is denied",
};

/** Why a file cannot be read, in plain words. */
export function problemOf(error: unknown): string {
  const code = isRecord(error) ? error["code"] : undefined;
  return problems[String(code)] ?? messageOf(error);
}
