/** How our own sessions are set, whatever the defaults of the database or the role are. */

import type { TransactionSettings } from "./session.ts";

/**
 * Milliseconds that a transaction of ours may wait for its next statement. It waits for no user's
 * code: longer means that the process is frozen, or its machine gone without a word, and that the
 * rows it has locked would keep all others from firing and reaping until it comes back.
 */
const idleInTransactionMsMax = 5_000;

/** Settings by name. */
export const sessionSettings: Readonly<Record<string, string>> = {
  // Instants come as text; see `row.ts`.
  timezone: "UTC",
  datestyle: "ISO",
  // Each statement must see what was committed before it.
  default_transaction_isolation: "read committed",
  idle_in_transaction_session_timeout: String(idleInTransactionMsMax),
  // A queue is empty again and again: its tables are vacuumed to nothing, and plans made then,
  // which connections keep, would read them from end to end, also while a burst of a million runs
  // comes in, until the next analysis. Each of our statements handles a bounded batch and has an
  // index to look it up in: no join needs more than that.
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  // Before statistics are there a queue seems to hold so few rows that reading all of them and
  // sorting them looks cheaper than walking the index that has them in order.
  enable_bitmapscan: "off",
  // Compiling a statement takes seconds, running it milliseconds; and where no other plan is left,
  // what was switched off above counts as very dear, which would set off the compiler.
  jit: "off",
};

/**
 * Settings of a transaction that comes again and again. Each of its statements has one plan that
 * serves any parameters; the database would plan it anew for the first five on each connection,
 * which takes longer than running it.
 */
export const hotSettings: TransactionSettings = { plan_cache_mode: "force_generic_plan" };

/** The settings as the `options` of a connection; spaces in values are escaped. */
export function connectionOptions(): string {
  return Object.entries(sessionSettings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`)
    .join(" ");
}
