/** What a bench ran on, for the record. */

import { readFile } from "node:fs/promises";

/** The processor's name and the load of the machine. */
export async function describeMachine(): Promise<string> {
  const cpus = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const names = cpus.match(/^model name.*$/gm) ?? [];
  const name = names[0]?.split(":")[1]?.trim() ?? process.arch;
  return `${names.length} x ${name}, load ${await readLoad()} at the end`;
}

/** The load averages of one, five and fifteen minutes. */
export async function readLoad(): Promise<string> {
  const load = await readFile("/proc/loadavg", "utf8").catch(() => "unknown");
  return load.split(" ").slice(0, 3).join(" ");
}
