/** The command line. */

import { parseArgs } from "node:util";

import { type Amount, fullAmount, quickAmount } from "./amount.ts";
import type { RowName } from "./recording.ts";

/** What was asked for. */
export interface Options {
  readonly amount: Amount;
  readonly rows: ReadonlySet<RowName>;
  /** Names of systems; undefined for all. */
  readonly systems: ReadonlySet<string> | undefined;
  /** False when it is only to be seen whether everything works. */
  readonly isTimed: boolean;
  /** Whether the results are kept. */
  readonly isRecorded: boolean;
}

/** All rows, those first that take little time. */
const rowNames: readonly RowName[] = [
  "drain",
  "single",
  "latency",
  "recurring",
  "types",
  "backlog",
  "pinned",
  "soak",
];

/** Reads the command line; throws when it asks for something that is not there. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      systems: { type: "string" },
      rounds: { type: "string" },
      "soak-minutes": { type: "string" },
      record: { type: "boolean", default: false },
    },
  });
  const { quick, only, systems, rounds } = values;
  const base = quick ? quickAmount : fullAmount;
  const byDefault = quick ? rowNames : rowNames.filter((name) => name !== "soak");
  return {
    amount: {
      ...base,
      rounds: readCount("rounds", rounds) ?? base.rounds,
      soakMinutes: readCount("soak-minutes", values["soak-minutes"]) ?? base.soakMinutes,
    },
    rows: new Set(only === undefined ? byDefault : only.split(",").map(readRow)),
    systems: systems === undefined ? undefined : new Set(systems.split(",")),
    isTimed: !quick,
    // Few rounds would take the place of what says more, and so would a part of the systems.
    isRecorded:
      !quick &&
      (systems === undefined || values.record) &&
      (readCount("rounds", rounds) ?? base.rounds) >= base.rounds,
  };
}

function readRow(text: string): RowName {
  const row = rowNames.find((name) => name === text);
  if (row !== undefined) return row;
  throw new Error(`--only: expected some of ${rowNames.join(", ")}, not ${text}`);
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${name}: expected a whole number above 0, not ${text}`);
}
