/** How many rows one answer may have. */

import { SwhFault } from "./errors.ts";
import type { Integer } from "./values.ts";

/** Rows of one answer at most. Whoever has more takes them in steps. */
export const rowCountMax = 100_000;

/** A limit for which null and 0 mean all: then one row more than may be answered is looked for. */
export function limitOrAll(given: Integer | null | undefined, name: string): Integer {
  if (given === null || given === undefined || Number(given) === 0) return rowCountMax + 1;
  return exactLimit(given, name);
}

/** @throws SwhFault for a negative limit */
export function exactLimit(given: Integer, name: string): Integer {
  if (given < 0) {
    const message = `${name} must not be negative, not ${given}`;
    throw new SwhFault("InvalidRowCountInLimitClause", message, { field: name });
  }
  return given > rowCountMax ? rowCountMax + 1 : given;
}

/** @throws SwhFault for more rows than an answer may have, naming the argument that limits them */
export function allRows<T>(rows: readonly T[], limitName: string): readonly T[] {
  if (rows.length <= rowCountMax) return rows;
  const message = `more than ${rowCountMax} rows: ask for fewer by ${limitName}`;
  throw new SwhFault("ValueError", message, { field: limitName });
}
