/** Asks the server that runs it, and its database, how they are. */

import { defineTask, eventful, uneventful } from "orrery";
import { askVersion, storeAnswer, withArchive } from "../archive/database.ts";

/** Milliseconds that the server gets to answer. */
const answerMsMax = 2_000;

/**
 * `eventful` when the answer is not the one of the run before: then it comes back sooner, and
 * while nothing changes it comes ever less often, down to once a minute.
 */
export const checkSelf = defineTask({
  name: "checkSelf",
  description: "Asks this server's health address and its database",
  interval: { defaultMs: 5_000, minMs: 2_500, maxMs: 60_000, factor: 2 },
  run: ({ signal, log, databaseUrl }) =>
    withArchive(databaseUrl, async (client) => {
      // `orrery serve` tells the code of its tasks where it listens.
      const server = process.env["ORRERY_SERVER"] ?? "http://127.0.0.1:8420";
      const answer = {
        health: await askHealth(server, signal),
        database: `PostgreSQL ${await askVersion(client)}`,
      };
      const changed = await storeAnswer(client, { name: "checkSelf", answer });
      log.info(changed ? "the answer has changed" : "the same answer as before", answer);
      return changed ? eventful(answer) : uneventful(answer);
    }),
});

/** A server that does not answer is an answer too. */
async function askHealth(server: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(`${server}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]),
    });
    await response.body?.cancel();
    return `status ${response.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? `no answer: ${error.message}` : "no answer";
  }
}
