/** Tests the launcher with real servers and real processes, which are killed. */

import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { listDescendants, spawnOwner, withoutBackends } from "../../../test/postgres/owner.ts";
import { findSystemBinaries } from "../../../test/postgres/server.ts";
import { present } from "../../kernel/assert.ts";
import { systemClock } from "../../kernel/clock.ts";
import { defaultInstallationQuery, findInstallation, prepareBinaries } from "./binaries.ts";
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from "./embedded.ts";
import { mirrorTree } from "./mirror.ts";
import { listProcessesIn } from "./process-table.ts";
import { canReach, isRoot } from "./run-as.ts";

const clock = systemClock;

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-test-"));
  // Root's server runs as another user, and would be moved elsewhere from a closed directory.
  if (isRoot()) await chmod(directory, 0o711);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Where a cluster stands ready for tests that are not about making one, which takes a second. */
let ready: string;

beforeAll(async () => {
  ready = await mkdtemp(join(tmpdir(), "orrery-test-"));
  if (isRoot()) await chmod(ready, 0o711);
  await (await start(ready)).stop();
});

afterAll(() => rm(ready, { recursive: true, force: true }));

/** A directory with a cluster that has been stopped in good order. */
async function makeReadyDirectory(): Promise<string> {
  const directory = await makeDirectory();
  // Whose files they are is kept.
  await promisify(execFile)("cp", ["-a", join(ready, "data"), directory]);
  return directory;
}

function start(directory: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  return startEmbedded({ directory, clock, durable: false, ...more });
}

/** The matcher, typed as what it stands for. */
function containing(part: string): unknown {
  return expect.stringContaining(part);
}

async function queryOne(server: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  const result = await client.query<{ value: unknown }>(sql);
  await client.end();
  return result.rows[0]?.value;
}

describe("a server", () => {
  test("keeps its data from one start to the next and leaves no process", async () => {
    const directory = await makeDirectory();
    {
      await using first = await startEmbedded({ directory, clock });
      expect(first.version).toMatch(/^18\./);
      expect(await queryOne(first, "select current_setting('fsync') as value")).toBe("on");
      await queryOne(first, "create table kept as select 7 as value");
    }
    expect(await listProcessesIn(join(directory, "data"))).toEqual([]);
    await using second = await start(directory);
    expect(await queryOne(second, "select value from kept")).toBe(7);
  });

  test("takes settings, speaks UTC and listens on no port", async () => {
    await using server = await start(await makeReadyDirectory(), {
      settings: { max_connections: "17" },
    });
    const show = (name: string) => queryOne(server, `select current_setting('${name}') as value`);
    expect(await show("max_connections")).toBe("17");
    expect(await show("timezone")).toBe("UTC");
    expect(await show("listen_addresses")).toBe("");
    expect(await show("server_encoding")).toBe("UTF8");
    expect(await show("fsync")).toBe("off");
  });

  test("can be stopped twice, with clients connected", async () => {
    const server = await start(await makeReadyDirectory());
    const client = new Client({ connectionString: server.connectionString });
    client.on("error", () => undefined);
    await client.connect();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    await expect(client.query("select 1")).rejects.toThrow(/./);
  });

  test("that ends by itself is told, with its last words, and can be started again", async () => {
    const directory = await makeReadyDirectory();
    const server = await start(directory);
    process.kill(server.processId, "SIGINT");
    const exit = await server.exited;
    expect(exit.exitCode).toBe(0);
    expect(exit.logLines.join("\n")).toContain("database system is shut down");
    await server.stop();
    await using again = await start(directory);
    expect(again.connectionString).toBe(server.connectionString);
  });

  test("killed at its head leaves nothing when stopped, not even a busy backend", async () => {
    const directory = await makeReadyDirectory();
    const server = await start(directory);
    const client = new Client({ connectionString: server.connectionString });
    client.on("error", () => undefined);
    await client.connect();
    await client.query("begin");
    // Computes for hours without looking up, so it does not see that its server is dead.
    const busy = client.query("select count(*) from generate_series(1, 1e12)").catch(() => "cut");
    process.kill(server.processId, "SIGKILL");
    await server.exited;
    await server.stop();
    expect(await busy).toBe("cut");
    expect(await listProcessesIn(join(directory, "data"))).toEqual([]);
    await using _again = await start(directory);
  });

  test("that lost its watchdog is told as ended and leaves nothing behind", async () => {
    const directory = await makeReadyDirectory();
    const server = await start(directory);
    const tree = await listDescendants(process.pid);
    const watchdog = tree.find((found) => found.pid === server.processId)?.parent;
    process.kill(present(watchdog, "the watchdog"), "SIGKILL");
    await server.exited;
    await server.stop();
    expect(await listProcessesIn(join(directory, "data"))).toEqual([]);
    await using _again = await start(directory);
  });

  test("has a short socket path even in a deep directory, the same after a restart", async () => {
    const directory = join(await makeDirectory(), "d".repeat(120), "with space, comma");
    const first = await start(directory);
    await first.stop();
    await using second = await start(directory);
    expect(second.connectionString).toBe(first.connectionString);
    expect(second.directory).toBe(directory);
    const socketDirectory = new URL(second.connectionString.replace("@/", "@host/")).searchParams;
    await rm(socketDirectory.get("host") ?? "", { recursive: true, force: true });
  });

  test("that cannot start says why, and gives the directory up", async () => {
    const directory = await makeReadyDirectory();
    const bad = start(directory, { settings: { shared_buffers: "plenty" } });
    await expect(bad).rejects.toMatchObject({
      code: "ORR_STORE_UNAVAILABLE",
      message: containing('invalid value for parameter "shared_buffers"'),
    });
    await using _good = await start(directory);
  });

  test("does not mistake a later process for its predecessor", async () => {
    const directory = await makeReadyDirectory();
    await (await start(directory)).stop();
    // As after a reboot or in a new container: the noted id is alive, but it is another program.
    const note = `${process.pid}\n${join(directory, "data")}\n1\n5432\n`;
    await writeFile(join(directory, "data", "postmaster.pid"), note);
    await writeFile(join(directory, "socket", ".s.PGSQL.5432.lock"), note);
    await writeFile(join(directory, "socket", ".s.PGSQL.5432"), "");
    await using server = await start(directory);
    expect(server.processId).not.toBe(process.pid);
  });

  test("is not started on the data of another major version", async () => {
    const directory = await makeDirectory();
    await mkdir(join(directory, "data"));
    await writeFile(join(directory, "data", "PG_VERSION"), "15\n");
    await expect(start(directory)).rejects.toMatchObject({
      code: "ORR_CONFIG_DIRECTORY",
      message: containing("PostgreSQL 15 made it"),
    });
  });

  test("runs on the programs of the system, where there are any", async (context) => {
    const binaries = (await findSystemBinaries()) ?? context.skip("no PostgreSQL of the system");
    await using server = await start(await makeDirectory(), { binaries: { directory: binaries } });
    const version = await queryOne(server, "select current_setting('server_version') as value");
    expect(String(version)).toContain(server.version);
  });

  test("runs for a user that is not root", async (context) => {
    const user = { uid: 65_534, gid: 65_534 };
    if (!isRoot()) context.skip("the other tests show it");
    if (!(await canReach(user, import.meta.dirname))) context.skip("sources unreachable");
    const directory = await makeDirectory();
    await chown(directory, user.uid, user.gid);
    await using owner = spawnOwner({ directory, user, commit: true });
    expect(await owner.outcome).toMatchObject({ kind: "started", directory });
    await owner.awaitCommitted(3);
  });
});

describe("programs that the server's user cannot reach", () => {
  test("are mirrored to a readable place, library links included", async (context) => {
    if (!isRoot()) context.skip("only root's server runs as another user");
    const user = { uid: 65_534, gid: 65_534 };
    const closed = await mkdtemp(join(tmpdir(), "orrery-test-"));
    const version = `test-${process.pid}`;
    const mirror = `/tmp/orrery-pg-${version}-0`;
    onTestFinished(() => rm(closed, { recursive: true, force: true }));
    onTestFinished(() => rm(mirror, { recursive: true, force: true }));
    const { native } = await findInstallation(defaultInstallationQuery());
    // Copies files, not links: as after an install whose scripts were blocked.
    await mirrorTree({ from: native, to: closed });
    const binaries = await prepareBinaries({ native: closed, version }, user);
    expect(binaries.postgres).toBe(join(mirror, "bin", "postgres"));
    const directory = await makeDirectory();
    await using server = await start(directory, { binaries: { directory: join(mirror, "bin") } });
    expect(server.version).toBe(binaries.version);
  });
});

describe("a start that is called off", () => {
  test("while the database is made rejects and leaves the directory usable", async () => {
    const directory = await makeDirectory();
    const reason = new TypeError("changed my mind");
    const abort = new AbortController();
    const started = start(directory, { signal: abort.signal });
    const outcome = started.catch((error: unknown) => error);
    await awaitEntry(directory, "data.new-");
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    await using _server = await start(directory);
  });

  test("by SIGKILL while the database is made leaves the directory usable", async () => {
    const directory = await makeDirectory();
    const owner = spawnOwner({ directory });
    await awaitEntry(directory, "data.new-");
    await owner.killTree();
    await using _server = await start(directory);
    expect((await readdir(directory)).filter((name) => name.startsWith("data.new-"))).toEqual([]);
  });
});

describe("a directory with an owner", () => {
  test("is refused to a second start in the same process and in another", async () => {
    const directory = await makeReadyDirectory();
    await using _server = await start(directory);
    await expect(start(directory)).rejects.toMatchObject({
      code: "ORR_CONFIG_LOCKED",
      details: { pid: process.pid },
    });
    await using other = spawnOwner({ directory });
    expect(await other.outcome).toEqual({
      kind: "refused",
      code: "ORR_CONFIG_LOCKED",
      ownerPid: process.pid,
    });
  });

  test("goes to one of those that start at the same time, first and after its death", async () => {
    const directory = await makeDirectory();
    for (let round = 0; round < 3; round += 1) {
      const owners = [1, 2, 3, 4].map(() => spawnOwner({ directory }));
      const outcomes = await Promise.all(owners.map((owner) => owner.outcome));
      const winner = owners.find((_, index) => outcomes[index]?.kind === "started");
      const refusals = outcomes.filter((outcome) => outcome.kind === "refused");
      expect(refusals).toHaveLength(3);
      expect(new Set(refusals.map((refusal) => refusal.ownerPid))).toEqual(new Set([winner?.pid]));
      await winner?.kill();
    }
    await using _server = await start(directory);
  });
});

describe("acknowledged commits survive, and the directory can be used at once,", () => {
  test.each(["the owner is killed", "its whole tree is killed", "all but its backends are killed"])(
    "when %s",
    { timeout: 180_000 },
    async (victims) => {
      const directory = await makeReadyDirectory();
      const acknowledged = new Set<number>();
      for (let round = 0; round < 6; round += 1) {
        const owner = spawnOwner({ directory, commit: true });
        await owner.awaitCommitted(20 + round * 13);
        if (victims === "the owner is killed") await owner.kill();
        else if (victims === "its whole tree is killed") await owner.killTree();
        else await owner.killTree(await withoutBackends(join(directory, "data")));
        for (const id of owner.committed) acknowledged.add(id);
      }
      await using server = await start(directory);
      const ids = await queryOne(server, "select array_agg(id) as value from committed");
      expect(Array.isArray(ids)).toBe(true);
      const kept = new Set<unknown>(Array.isArray(ids) ? ids : []);
      expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
      await server.stop();
      expect(await listProcessesIn(join(directory, "data"))).toEqual([]);
    },
  );
});

/** Resolves when the directory has an entry whose name begins with `prefix`. */
async function awaitEntry(directory: string, prefix: string): Promise<void> {
  const events = watch(directory);
  if ((await readdir(directory)).some((name) => name.startsWith(prefix))) return;
  for await (const event of events) if (event.filename?.startsWith(prefix) === true) return;
}
