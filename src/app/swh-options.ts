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
  /**
   * Days that runs are kept, 1 to 36500; null for ever. Rules all processes from then on: whole
   * months that are older are dropped, and with them the tasks that ended for good.
   * @defaultValue as it was said last, at first for ever
   */
  readonly keepRunsDays?: number | null;
}

/** With its defaults; undefined for what stays as it was said last. */
export type ResolvedSwhOptions = Required<Omit<SwhOptions, "keepRunsDays">> &
  Pick<SwhOptions, "keepRunsDays">;

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

const optionKeys: readonly (keyof SwhOptions)[] = ["intervalRule", "rowCountMax", "keepRunsDays"];
const configKeys: readonly (keyof SwhConfig)[] = [
  ...optionKeys,
  "listen",
  "dialect",
  "allow",
  "requireToken",
];
const rowCountMaxMax = 10_000_000;
const keepDaysMax = 36_500;
const lettersMax = 300;
const allowCountMax = 1_000;

/** @throws InvalidInputError naming the field */
export function readSwhOptions(value: unknown): ResolvedSwhOptions {
  return optionsIn(readFields(value, "swh", optionKeys));
}

function optionsIn(fields: Fields): ResolvedSwhOptions {
  const words = ["shrink", "adapt"] as const;
  const count = { field: "swh.rowCountMax", min: 1, max: rowCountMaxMax, whole: true };
  const days = { field: "swh.keepRunsDays", min: 1, max: keepDaysMax, whole: true };
  const { keepRunsDays } = fields;
  return {
    intervalRule:
      ifPresent(fields["intervalRule"], (rule) =>
        readOneOf(rule, { field: "swh.intervalRule", words }),
      ) ?? "shrink",
    rowCountMax:
      ifPresent(fields["rowCountMax"], (value) => readNumber(value, count)) ?? rowCountMaxDefault,
    ...(keepRunsDays === undefined
      ? {}
      : { keepRunsDays: keepRunsDays === null ? null : readNumber(keepRunsDays, days) }),
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
