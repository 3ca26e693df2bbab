/** Is there a server of ours at an address? */

import type { Clock } from "../../kernel/clock.ts";
import { isRecord } from "../../kernel/json.ts";

/** A server on this machine answers in milliseconds; nobody wants to wait for one that is not. */
const answerMsMax = 1_000;

/** Whether the health address of a server of ours answers. */
export async function answersAt(baseUrl: string, clock: Clock): Promise<boolean> {
  const stop = new AbortController();
  using _timer = clock.schedule(answerMsMax, () => stop.abort());
  try {
    const response = await fetch(`${baseUrl}/healthz`, {
      signal: stop.signal,
      redirect: "manual",
    });
    const body: unknown = await response.json();
    // Another program may answer here too, but not with this.
    return isRecord(body) && body["status"] === "alive";
  } catch {
    // Nobody listens, or nobody who speaks HTTP and JSON: either way no server of ours.
    return false;
  }
}

/** How others on this machine reach a server that listens on `host`. */
export function localUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
