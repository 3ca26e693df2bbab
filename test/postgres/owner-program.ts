/**
 * A process that owns a server, for tests that kill it: starts on the directory in its first
 * argument, commits one row after another when the second is `commit`, and stops in good order when
 * its input ends. Tells what happens by lines of JSON (`OwnerEvent`).
 */

import { flushCompileCache } from "node:module";

import { Client } from "pg";

import { systemClock } from "../../src/kernel/clock.ts";
import { ConfigError } from "../../src/kernel/errors.ts";
import { type EmbeddedPostgres, startEmbedded } from "../../src/store/embedded/embedded.ts";
import type { OwnerEvent } from "./owner.ts";

// All modules are loaded by now. A program that is killed would not leave its cache to the next.
flushCompileCache();
const [directory = "", work] = process.argv.slice(2);

function tell(event: OwnerEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function commitRows(server: EmbeddedPostgres, stopping: AbortSignal): Promise<void> {
  const client = new Client({ connectionString: server.connectionString });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("create table if not exists committed (id int generated always as identity)");
  while (!stopping.aborted) {
    const result = await client.query<{ id: number }>(
      "insert into committed default values returning id",
    );
    tell({ kind: "committed", id: result.rows[0]?.id ?? 0 });
  }
  await client.end();
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  const ended = new Promise<void>((resolve) => {
    process.stdin.resume().once("end", () => {
      stopping.abort();
      resolve();
    });
  });
  try {
    await using server = await startEmbedded({ directory, clock: systemClock });
    tell({ kind: "started", processId: server.processId, directory: server.directory });
    if (work === "commit") await commitRows(server, stopping.signal);
    await ended;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell({ kind: "refused", code: error.code, ownerPid: Number(error.details["pid"]) });
  }
  process.stdin.destroy();
}

await main();
