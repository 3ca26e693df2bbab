/**
 * Servers for tests. `ORRERY_TEST_POSTGRES` says which: `embedded` (the default, from npm),
 * `system` (the newest below /usr/lib/postgresql), or the address of a running server whose user
 * may create databases. All are started by the launcher that ships.
 */

import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "../../src/kernel/clock.ts";
import { ConfigError } from "../../src/kernel/errors.ts";
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startEmbedded,
} from "../../src/store/embedded/embedded.ts";
import { findStart } from "../../src/store/embedded/process-table.ts";
import { type Migrate, migrateStore } from "./template.ts";

/** Which server tests use. */
export type ServerChoice =
  | { readonly kind: "embedded" }
  | { readonly kind: "system"; readonly directory: string }
  | { readonly kind: "external"; readonly connectionString: string };

/** A server of one test alone, which it may restart. */
export interface TestServer extends AsyncDisposable {
  /** The database `postgres` on it, migrated; the same address after a restart. */
  readonly connectionString: string;
  /** The server's process; another one after a restart. */
  readonly processId: number;
  /** Ends every server process at once, as `pg_ctl -m immediate` does, and starts it again. */
  restartImmediately(): Promise<void>;
}

/** Where Debian and its derivatives put the programs of each version. */
const systemRoot = "/usr/lib/postgresql";

/** Reads `ORRERY_TEST_POSTGRES`. */
export async function chooseServer(
  setting = process.env["ORRERY_TEST_POSTGRES"] ?? "embedded",
): Promise<ServerChoice> {
  if (setting === "embedded") return { kind: "embedded" };
  if (/^postgres(ql)?:/.test(setting)) return { kind: "external", connectionString: setting };
  const directory = setting === "system" ? await findSystemBinaries() : undefined;
  if (directory !== undefined) return { kind: "system", directory };
  throw new ConfigError(
    "ORR_CONFIG_INVALID",
    `ORRERY_TEST_POSTGRES is "${setting}"; expected embedded, system (with programs in ` +
      `${systemRoot}/<version>/bin) or postgresql://...`,
  );
}

/** The programs of the newest installed version, if there is one. */
export async function findSystemBinaries(root: string = systemRoot): Promise<string | undefined> {
  const versions = (await readdir(root).catch(() => []))
    .filter((name) => /^\d+$/.test(name))
    .toSorted((left, right) => Number(right) - Number(left));
  return versions[0] === undefined ? undefined : join(root, versions[0], "bin");
}

/** Options for a server that may lose everything when the machine fails, and is fast for it. */
export function throwawayOptions(choice: ServerChoice, directory: string): EmbeddedOptions {
  return {
    directory,
    clock: systemClock,
    durable: false,
    settings: { max_connections: "300" },
    ...(choice.kind === "system" ? { binaries: { directory: choice.directory } } : {}),
  };
}

/** A new directory directly below the temporary one, where socket paths stay short. */
export function makeServerDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "orrery-test-"));
}

/** Linux's file system in memory, open to every user. */
const memory = "/dev/shm";
const memoryType = 0x0102_1994;

/** Bytes that must be free there; a run of all tests takes about a tenth. */
const memoryBytesMin = 4 * 2 ** 30;

/** Names the process that made it, so that what a killed run leaves there is known for it. */
const memoryPrefix = "orrery-test-run-";

/**
 * A new directory for the server that serves a whole run. In memory where there is room: each test
 * has a database of its own, which is 550 files to write, and on a busy disk that is half a second.
 */
export async function makeRunDirectory(): Promise<string> {
  const found = await statfs(memory).catch(() => undefined);
  if (found?.type !== memoryType || found.bavail * found.bsize < memoryBytesMin) {
    return await makeServerDirectory();
  }
  await sweepMemory();
  return await mkdtemp(join(memory, `${memoryPrefix}${process.pid}-`));
}

/** Nobody else gives back the memory that a run took which was killed. */
async function sweepMemory(): Promise<void> {
  for (const name of await readdir(memory)) {
    const pid = name.startsWith(memoryPrefix) && Number.parseInt(name.slice(memoryPrefix.length));
    if (pid === false || (await findStart(pid)) !== undefined) continue;
    // One of another user stays, and so does one whose server is still on its way out.
    await rm(join(memory, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Starts a server for one test, of the kind that the run uses. */
export async function startServer(migrate: Migrate = migrateStore): Promise<TestServer> {
  const choice = await chooseServer();
  const directory = await makeServerDirectory();
  const { settings, ...others } = throwawayOptions(choice, directory);
  // What was acknowledged must outlive the server's sudden end; it need not outlive the machine's.
  const options = { ...others, settings: { ...settings, synchronous_commit: "on" } };
  let server = await startEmbedded(options);
  const dispose = async (): Promise<void> => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await migrate(server.connectionString);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    connectionString: server.connectionString,
    get processId() {
      return server.processId;
    },
    restartImmediately: async () => {
      await quit(server);
      server = await startEmbedded(options);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function quit(server: EmbeddedPostgres): Promise<void> {
  process.kill(server.processId, "SIGQUIT");
  await server.exited;
  // The handle of the ended server still owns the directory.
  await server.stop();
}
