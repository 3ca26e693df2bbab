/** How our own sessions are set, whatever the database's or the role's defaults are. */

/** Settings by name. */
export const sessionSettings: Readonly<Record<string, string>> = {
  // Instants come as text; see `row.ts`.
  timezone: "UTC",
  datestyle: "ISO",
  // Each statement must see what was committed before it.
  default_transaction_isolation: "read committed",
  // A queue is empty again and again: its tables are vacuumed to nothing, and plans made then, which
  // connections keep, would read them from end to end. They would do so until the next analysis,
  // while a burst of a million runs comes in. Each of our statements has an index to walk.
  enable_seqscan: "off",
};

/** The settings as the `options` of a connection; spaces in values are escaped. */
export function connectionOptions(): string {
  return Object.entries(sessionSettings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`)
    .join(" ");
}
