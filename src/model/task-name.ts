/** Names of task types: what they may look like, and which ones a pattern means. */

import { ConflictError, NotFoundError } from "../kernel/errors.ts";
import { invalidField, readText } from "../kernel/fields.ts";
import { nearestNames, suggestionOf } from "../kernel/nearest-names.ts";

/** Letters of a task type's name. */
export const taskTypeNameLettersMax = 200;
/** Letters of a pattern that names are looked up by. */
const patternLettersMax = 200;
/** Candidates that an ambiguity lists. */
const candidateCountMax = 20;
/** Wildcards of a pattern; more would make matching slow and mean nothing. */
const wildcardCountMax = 10;

// Letters that patterns, paths and shells give a meaning to stay out of names.
const nameShape = /^[\p{L}\p{N}_$][\p{L}\p{N}\p{M}_$.:/@+-]*$/u;

/**
 * Reads the name of a task type: letters, digits and `_ $ . : / @ + -`, at most 200.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export function readTaskTypeName(value: unknown, field: string): string {
  const name = readText(value, { field, max: taskTypeNameLettersMax });
  if (nameShape.test(name)) return name;
  throw invalidField(field, { expected: "letters, digits and _ $ . : / @ + - only", value: name });
}

/**
 * The names that a pattern means, sorted. A name that is spelled exactly is the only answer.
 * Otherwise the pattern stands for whole parts between dots, at the start, in the middle or at the
 * end; `*` stands for any letters and `?` for one. Upper and lower case differ.
 */
export function matchingNames(pattern: string, names: Iterable<string>): readonly string[] {
  const known = [...names];
  if (known.includes(pattern)) return [pattern];
  const wildcards = pattern.match(/[*?]/g)?.length ?? 0;
  if (pattern.length > patternLettersMax || wildcards > wildcardCountMax) return [];
  const glob = Array.from(pattern, globPart).join("");
  const matcher = new RegExp(`^(?:.*\\.)?${glob}(?:\\..*)?$`, "su");
  return known.filter((name) => matcher.test(name)).toSorted();
}

/**
 * The one name that a pattern means.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` with the nearest names
 * @throws ConflictError `ORR_CONFLICT_NAME` with the candidates, when there are several
 */
export function resolveName(pattern: string, names: Iterable<string>): string {
  const known = [...names];
  const matches = matchingNames(pattern, known);
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  if (matches.length === 0) throw unknownTaskType(pattern, known);
  const candidates = matches.slice(0, candidateCountMax);
  const shown = matches.length > candidates.length ? [...candidates, "…"] : candidates;
  throw new ConflictError(
    "ORR_CONFLICT_NAME",
    `${JSON.stringify(pattern)} means ${matches.length} task types: ${shown.join(", ")}`,
    { details: { name: pattern, candidates, count: matches.length } },
  );
}

/** The error for a name that no task type has, with those that look like it. */
export function unknownTaskType(
  name: string,
  known: Iterable<string>,
  field = "type",
): NotFoundError {
  const nearest = nearestNames(name, known);
  return new NotFoundError(
    "ORR_NOT_FOUND_TASK_TYPE",
    `no task type is named ${JSON.stringify(name)}${suggestionOf(nearest)}`,
    { details: { field, value: name, nearest: [...nearest] } },
  );
}

function globPart(letter: string): string {
  if (letter === "*") return ".*";
  if (letter === "?") return ".";
  return /[\p{L}\p{N}]/u.test(letter)
    ? letter
    : `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
}
