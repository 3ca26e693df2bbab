/**
 * A Redis of the bench's own, where one is installed: on a unix socket, with the append-only file
 * that BullMQ's guide for production asks for.
 */

import { spawn } from "node:child_process";
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Redis } from "ioredis";

/** A running server; disposing it stops it and removes its directory. */
export interface RedisServer extends AsyncDisposable {
  readonly socket: string;
  readonly version: string;
  readonly pid: number;
  /** How durable it is, for the report. */
  readonly settings: string;
  /** Deletes everything. */
  readonly clear: () => Promise<void>;
}

/** How often a connection is tried before the start counts as failed; 50 ms apart. */
const startTriesMax = 200;

/** Starts a server; undefined where none is installed. */
export async function startRedis(): Promise<RedisServer | undefined> {
  const root = await mkdtemp(path.join(tmpdir(), "orrery-bench-"));
  const socket = path.join(root, "redis.sock");
  const durability = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""];
  const place = ["--port", "0", "--unixsocket", socket, "--dir", root];
  const server = spawn("redis-server", [...place, ...durability], { stdio: "ignore" });
  const isMissing = await new Promise<boolean>((resolve) => {
    server.once("spawn", () => resolve(false));
    server.once("error", () => resolve(true));
  });
  if (isMissing) {
    await rm(root, { recursive: true });
    return undefined;
  }
  // An interrupted bench must not leave a server behind; the directory is the system's to clear.
  process.once("exit", () => server.kill("SIGKILL"));
  const client = new Redis({ path: socket, retryStrategy: (tries) => triesLeft(tries) });
  // Refused until it listens; when the tries run out, the command below fails.
  client.on("error", () => undefined);
  const info = await client.info("server");
  assert(server.pid !== undefined);
  return {
    socket,
    version: /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown",
    pid: server.pid,
    settings: "append-only file, synced once a second",
    clear: async () => {
      await client.flushall("SYNC");
    },
    [Symbol.asyncDispose]: async () => {
      client.disconnect();
      server.kill("SIGTERM");
      if (server.exitCode === null) await once(server, "exit");
      await rm(root, { recursive: true, force: true });
    },
  };
}

function triesLeft(tries: number): number | null {
  return tries > startTriesMax ? null : 50;
}
