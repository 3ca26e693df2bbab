/** The `--input` option: JSON on the command line, in a file, or on standard input. */

import { InvalidInputError, messageOf } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { readTextFile } from "./read-file.ts";
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
  const file = option.slice(1);
  return parseJson(await readTextFile(shell, { file, field: "input" }), file);
}

/**
 * Reads a file of JSON, or standard input for `-`.
 * @throws InvalidInputError `ORR_INPUT_JSON` `ORR_INPUT_INVALID`
 */
export async function readJsonFile(shell: Shell, file: string): Promise<JsonValue> {
  if (file === "-") return parseJson(await readInputText(shell), "standard input");
  return parseJson(await readTextFile(shell, { file, field: "file" }), file);
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
          // Only what is typed passes through a shell.
          ...(source.startsWith("--")
            ? { hint: `quote it for the shell, as in ${source} '{"name":"value"}'` }
            : {}),
        },
        cause: error,
      },
    );
  }
}
