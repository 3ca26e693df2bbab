/** What the system says of a process. */

import { readFile } from "node:fs/promises";

/** The letter of its state in `/proc`, such as `T` for stopped; undefined when it is gone. */
export async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name before it stands in parentheses and may hold anything.
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
}
