/**
 * A process that does nothing of ours: again and again it waits for a timer, computes a little and
 * asks the server for nothing, and keeps how much longer that has taken at most than it should.
 * Computing belongs to it: a process that only waits is served at once on a machine that lets
 * those that compute wait for long.
 */

import { Client } from "pg";

import { delay, systemClock } from "../../src/kernel/clock.ts";
import { onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

/** Milliseconds of each wait. */
const waitMs = 225;

/** Milliseconds of the processor's time after each wait. */
const computeMs = 25;

/** Statements after that: about as many as a turn of a worker's loops has. */
const statementCount = 5;

let worstMs = 0;

/** Takes its share of the processor, whatever others take. */
function compute(): void {
  const before = process.cpuUsage();
  let used = process.cpuUsage(before);
  while (used.user + used.system < computeMs * 1_000) used = process.cpuUsage(before);
}

onOrder(() => tell({ kind: "lateness", worstMs }));
const client = new Client({ connectionString: textIn(readSettings(), "connectionString") });
await client.connect();
tell({ kind: "ready" });
for (;;) {
  const dueMs = systemClock.monotonicMs() + waitMs + computeMs;
  await delay(systemClock, waitMs);
  compute();
  for (let count = 0; count < statementCount; count += 1) await client.query("select 1");
  worstMs = Math.max(worstMs, systemClock.monotonicMs() - dueMs);
}
