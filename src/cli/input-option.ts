/** The `--input` option: JSON on the command line, in a file, or on standard input. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InvalidInputError, messageOf } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { readInputText, type Shell } from "./shell.ts";

/** Longest excerpt of wrong text that a message shows. */
const excerptLengthMax = 60;

/**
 * Reads `{"a":1}`, `@file.json` or `-`; undefined when the option is absent.
 * @throws InvalidInputError `ORR_INPUT_JSON` for text that is not JSON, `ORR_INPUT_INVALID` for
 * a file that cannot be read
 */
export async function readInput(
  shell: Shell,
  option: string | undefined,
): Promise<JsonValue | undefined> {
  if (option === undefined) return undefined;
  if (option === "-") return parseJson(await readInputText(shell), "standard input");
  if (!option.startsWith("@")) return parseJson(option, "--input");
  const path = resolve(shell.directory, option.slice(1));
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new InvalidInputError("ORR_INPUT_INVALID", `cannot read ${path}: ${messageOf(error)}`, {
      details: { field: "input", value: option, hint: "--input @FILE takes the path of a file" },
      cause: error,
    });
  }
  return parseJson(text, path);
}

/**
 * JSON text as a value; `source` names it in the message.
 * @throws InvalidInputError `ORR_INPUT_JSON`
 */
export function parseJson(text: string, source = "the text"): JsonValue {
  try {
    // What `JSON.parse` makes is JSON data; the type of its answer does not say so.
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const excerpt = text.length > excerptLengthMax ? `${text.slice(0, excerptLengthMax)}…` : text;
    throw new InvalidInputError(
      "ORR_INPUT_JSON",
      `${source} is not valid JSON: ${messageOf(error)}`,
      {
        details: {
          field: "input",
          value: excerpt,
          hint: `quote it for the shell, as in --input '{"name":"value"}'`,
        },
        cause: error,
      },
    );
  }
}
