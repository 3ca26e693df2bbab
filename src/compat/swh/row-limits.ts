/** How many rows one answer may have. */

import { SwhFault } from "./errors.ts";
import type { Integer } from "./values.ts";

/** Rows of one answer at most, unless the scheduler is told otherwise. */
export const rowCountMaxDefault = 100_000;

/** Limits of statements, and the refusal of what is more than an answer may have. */
export class RowLimits {
  /** Rows of one answer at most. Whoever has more takes them in steps. */
  readonly rowCountMax: number;

  constructor(rowCountMax: number) {
    this.rowCountMax = rowCountMax;
  }

  /** A limit for which null and 0 mean all: one row more than may be answered is looked for. */
  orAll(given: Integer | null | undefined, name: string): Integer {
    if (given === null || given === undefined || Number(given) === 0) return this.rowCountMax + 1;
    return this.exactly(given, name);
  }

  /** @throws SwhFault for a negative limit */
  exactly(given: Integer, name: string): Integer {
    if (given < 0) {
      const message = `${name} must not be negative, not ${given}`;
      throw new SwhFault("InvalidRowCountInLimitClause", message, { field: name });
    }
    return given > this.rowCountMax ? this.rowCountMax + 1 : given;
  }

  /** @throws SwhFault for more rows than an answer may have; names what limits them */
  all<T>(rows: readonly T[], limitName: string): readonly T[] {
    if (rows.length <= this.rowCountMax) return rows;
    const message = `more than ${this.rowCountMax} rows: ask for fewer by ${limitName}`;
    throw new SwhFault("ValueError", message, { field: limitName });
  }
}
