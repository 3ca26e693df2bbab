/** Options of the Software Heritage scheduler, in programs and in configuration files. */

import type { TaskRules } from "../compat/swh/tasks.ts";
import { rowCountMaxDefault } from "../compat/swh/row-limits.ts";
import { type DialectName, dialectNames } from "../compat/swh/wire/dialects.ts";
import {
  type Fields,
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readOneOf,
  readText,
} from "../kernel/fields.ts";

/** How tasks of the Software Heritage scheduler are kept. */
export interface SwhOptions {
  /**
   * What a successful run does to a recurring task's interval: `shrink` divides it by the type's
   * factor, as the reference does; `adapt` multiplies it instead when the run was uneventful.
   * @defaultValue shrink
   */
  readonly intervalRule?: TaskRules["intervalRule"];
  /** Rows of one answer at most, 1 to 10000000. @defaultValue 100000 */
  readonly rowCountMax?: number;
}

/** What a configuration may say besides: a port of its own for the RPC. */
export interface SwhConfig extends SwhOptions {
  /** Address and port, as in `127.0.0.1:5008`. @defaultValue no port of its own */
  readonly listen?: string;
  /** What is spoken there. There is no default: the two cannot read each other. */
  readonly dialect?: DialectName;
  /** Addresses and networks that may come there besides this machine. @defaultValue none */
  readonly allow?: readonly string[];
  /** Asks for a token there, sent as a password. @defaultValue false */
  readonly requireToken?: boolean;
}

const optionKeys: readonly (keyof SwhOptions)[] = ["intervalRule", "rowCountMax"];
const configKeys: readonly (keyof SwhConfig)[] = [
  ...optionKeys,
  "listen",
  "dialect",
  "allow",
  "requireToken",
];
const rowCountMaxMax = 10_000_000;
const lettersMax = 300;
const allowCountMax = 1_000;

/** @throws InvalidInputError naming the field */
export function readSwhOptions(value: unknown): Required<SwhOptions> {
  return optionsIn(readFields(value, "swh", optionKeys));
}

function optionsIn(fields: Fields): Required<SwhOptions> {
  const words = ["shrink", "adapt"] as const;
  const count = { field: "swh.rowCountMax", min: 1, max: rowCountMaxMax, whole: true };
  return {
    intervalRule:
      ifPresent(fields["intervalRule"], (rule) =>
        readOneOf(rule, { field: "swh.intervalRule", words }),
      ) ?? "shrink",
    rowCountMax:
      ifPresent(fields["rowCountMax"], (value) => readNumber(value, count)) ?? rowCountMaxDefault,
  };
}

/** @throws InvalidInputError naming the field */
export function readSwhConfig(value: unknown): SwhConfig {
  const fields = readFields(value, "swh", configKeys);
  const { listen, dialect, allow, requireToken } = fields;
  if (requireToken !== undefined && typeof requireToken !== "boolean") {
    throw invalidField("swh.requireToken", { expected: "true or false", value: requireToken });
  }
  return {
    ...optionsIn(fields),
    ...(listen === undefined
      ? {}
      : { listen: readText(listen, { field: "swh.listen", max: lettersMax }) }),
    ...(dialect === undefined
      ? {}
      : { dialect: readOneOf(dialect, { field: "swh.dialect", words: dialectNames }) }),
    ...(allow === undefined ? {} : { allow: readAllow(allow) }),
    ...(requireToken === undefined ? {} : { requireToken }),
  };
}

function readAllow(value: unknown): readonly string[] {
  return readList(value, { field: "swh.allow", max: allowCountMax }).map((each, index) =>
    readText(each, { field: fieldIn("swh.allow", index), max: lettersMax }),
  );
}
