/** `orrery serve` of an installed package, from its start until it was told to stop. */

import { once } from "node:events";
import { createInterface } from "node:readline";
import { isRecord } from "../../src/kernel/json.ts";
import { startCommand } from "./commands.ts";

/** What a server did. */
export interface ServedProject {
  readonly exitCode: number | null;
  readonly err: string;
  /** The first run that ended, as its journal tells it. */
  readonly ended: Readonly<Record<string, unknown>> | undefined;
}

/** Starts the server, interrupts it when a run has ended, and waits until it has stopped. */
export async function serveOnce(place: {
  readonly command: string;
  readonly directory: string;
  readonly node: string;
}): Promise<ServedProject> {
  const child = startCommand({ ...place, args: ["serve", "--port", "0", "--json"] });
  const closed = once(child, "close");
  let err = "";
  child.stderr?.on("data", (chunk) => (err += String(chunk)));
  let ended: ServedProject["ended"];
  if (child.stdout !== null) {
    for await (const text of createInterface({ input: child.stdout })) {
      const line: unknown = JSON.parse(text);
      if (ended !== undefined || !isRecord(line) || line["event"] !== "run_ended") continue;
      ended = line;
      child.kill("SIGINT");
    }
  }
  await closed;
  return { exitCode: child.exitCode, err, ended };
}
