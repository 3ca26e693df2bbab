/** Arguments of a task as they are typed: values of YAML, those with `=` under their key. */

import { SchedulerException } from "../../compat/swh/errors.ts";
import type { TaskArguments } from "../../compat/swh/records.ts";
import type { SwhJson, SwhJsonObject } from "../../compat/swh/values.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Reads them. A text is split at its first `=`, so a positional URL with one in it is taken for a
 * keyword, as in the reference; of equal keys the last counts.
 * @throws SchedulerException for what is no YAML
 */
export function parseArguments(texts: readonly string[]): TaskArguments {
  const args = texts.filter((text) => !text.includes("=")).map(parseArgument);
  const kwargs = texts
    .filter((text) => text.includes("="))
    .map((text): readonly [string, SwhJson] => {
      const at = text.indexOf("=");
      return [text.slice(0, at), parseArgument(text.slice(at + 1))];
    });
  return { args, kwargs: Object.fromEntries(kwargs) };
}

/**
 * Reads keywords only.
 * @throws SchedulerException for anything else
 */
export function parseKeywords(texts: readonly string[]): SwhJsonObject {
  const { args, kwargs } = parseArguments(texts);
  if (args.length === 0) return kwargs;
  throw new SchedulerException("Only keywords arguments are allowed.");
}

/** Empty text stays what it is, although YAML would have it null. */
function parseArgument(text: string): SwhJson {
  if (text === "") return "";
  try {
    return parseYaml(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    throw new SchedulerException(`Invalid argument: ${text}\n${thrown.message}`);
  }
}
