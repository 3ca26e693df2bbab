/**
 * A program with an embedded database, for tests that kill it: opens a scheduler on the directory,
 * queues runs one small batch after another, and works on them. Tells each run id once the enqueue
 * has resolved, and never before.
 */

import { Orrery } from "../../src/app/orrery.ts";
import { delay, systemClock } from "../../src/kernel/clock.ts";
import { ConfigError } from "../../src/kernel/errors.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

const work = defineTask({
  name: "chaos.work",
  run: async ({ runId }) => await delay(systemClock, runId % 4),
});

/** Runs in one enqueue. */
const batch = 5;

async function main(): Promise<void> {
  const settings = readSettings();
  const stopping = new AbortController();
  onOrder((order) => {
    if (order.kind === "stop") stopping.abort();
  });
  try {
    await using orrery = await Orrery.open({
      dataDirectory: textIn(settings, "directory"),
      tasks: [work],
      worker: { slotCount: 4, leaseMs: 2_000 },
    });
    tell({ kind: "ready", connectionString: orrery.connectionString });
    while (settings["enqueues"] === true && !stopping.signal.aborted) {
      const requests = Array.from({ length: batch }, () => ({ type: "chaos.work", input: null }));
      for (const runId of await orrery.enqueue(requests)) tell({ kind: "queued", runId });
    }
    if (!stopping.signal.aborted) {
      await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve));
    }
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    tell({ kind: "refused", code: thrown.code, message: thrown.message });
  }
  tell({ kind: "stopped" });
  process.stdin.removeAllListeners().destroy();
}

await main();
