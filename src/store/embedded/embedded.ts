/**
 * A PostgreSQL of our own: the programs from npm, a data directory, one server on it for as long
 * as its handle is held. It stops when its owner stops, even when that is killed.
 */

import { rename, rm, stat } from "node:fs/promises";

import { type Clock, reasonOf } from "../../kernel/clock.ts";
import {
  type Binaries,
  defaultInstallationQuery,
  findInstallation,
  prepareBinaries,
  useBinaries,
} from "./binaries.ts";
import { ensureCluster, userOfCluster } from "./cluster.ts";
import { isListening } from "./connection.ts";
import { claimDirectory, type Ownership } from "./ownership.ts";
import {
  findSocketDirectory,
  makeSocketDirectory,
  placeServer,
  type Placement,
  socketIn,
} from "./placement.ts";
import { awaitVacancy } from "./postmaster.ts";
import { findServerUser, type ServerUser } from "./run-as.ts";
import { type RunningServer, runServer, type ServerExit, stopServer } from "./server.ts";
import { holdProcess } from "./watchdog.ts";

/** What to start, and where. */
export interface EmbeddedOptions {
  /** Holds the data, the log and the lock; made when absent. Relative to the working directory. */
  readonly directory: string;
  readonly clock: Clock;
  /** Receives a line about each step that takes time or changes something. */
  readonly log?: ((line: string) => void) | undefined;
  /**
   * False lets a failing machine lose commits, or all data, for speed: for tests only.
   * @defaultValue true
   */
  readonly durable?: boolean | undefined;
  /** Settings of the server by PostgreSQL's names; they win over our defaults. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Calls the start off. */
  readonly signal?: AbortSignal | undefined;
  /** Programs to use instead of those from npm: a directory with `postgres` and `initdb`. */
  readonly binaries?: { readonly directory: string } | undefined;
}

/** A running server, owned by this process until it is stopped. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** For `pg` and libpq: the server's socket, its superuser and the database `postgres`. */
  readonly connectionString: string;
  /** The real directory, elsewhere than asked for when that could not be reached. */
  readonly directory: string;
  /** The server's version, `18.4`. */
  readonly version: string;
  /** The process id of the server itself. */
  readonly processId: number;
  /** Resolves when the server has ended without having been asked; pending for ever otherwise. */
  readonly exited: Promise<ServerExit>;
  /**
   * Stops the server in good order, ending its connections, and gives the directory up. Idempotent;
   * resolves when no process of it is left.
   */
  stop(): Promise<void>;
}

/** A start that is under way on a directory that this process owns. */
interface OwnedStart {
  readonly options: EmbeddedOptions;
  readonly placement: Placement;
  readonly systemUser: ServerUser | undefined;
}

/** A longer log of earlier runs is set aside, once. */
const logBytesMax = 8 * 1024 * 1024;

/**
 * Starts a server on a directory, making its database first when there is none: about 1 s from
 * nothing, 0.2 s later on.
 * @throws ConfigError `ORR_CONFIG_PLATFORM` without programs for this platform;
 *   `ORR_CONFIG_LOCKED` with `details.pid` while another process owns the directory;
 *   `ORR_CONFIG_DIRECTORY` when the directory cannot be used, or is of another major version
 * @throws StoreError `ORR_STORE_UNAVAILABLE`, with the server's last lines, when it does not start
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  // Most steps wait on timers, which do not keep a process alive.
  using _held = holdProcess();
  refuseIfAborted(options.signal);
  const systemUser = await findServerUser();
  const placement = await placeServer({ directory: options.directory, user: systemUser });
  const ownership = await claimDirectory({
    directory: placement.root,
    answers: async () => {
      const socketDirectory = await findSocketDirectory(placement);
      return socketDirectory !== undefined && (await isListening(socketIn(socketDirectory)));
    },
  });
  try {
    const server = await startOwned({ options, placement, systemUser });
    return new OwnedServer({ server, placement, ownership, clock: options.clock });
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

async function startOwned(start: OwnedStart): Promise<RunningServer> {
  const { options, placement } = start;
  const { clock, signal } = options;
  const log = options.log ?? ignoreLine;
  const durable = options.durable ?? true;
  const user = await userOfCluster(placement, start.systemUser);
  const binaries = await findBinaries(options, user);
  await awaitVacancy({ placement, clock, signal });
  await rotateLog(placement);
  if (await ensureCluster({ placement, binaries, user, durable, signal })) {
    log(`made a PostgreSQL ${binaries.version} database in ${placement.root}`);
  }
  refuseIfAborted(signal);
  const socketDirectory = await makeSocketDirectory(placement, user);
  // Nobody listens there: a socket that is left names a process id that may be another's by now.
  await rm(socketIn(socketDirectory), { force: true });
  await rm(`${socketIn(socketDirectory)}.lock`, { force: true });
  const settings = { socketDirectory, durable, settings: options.settings ?? {} };
  const server = await runServer({ placement, binaries, user, settings, clock, signal });
  log(`PostgreSQL ${binaries.version} runs in ${placement.root} (pid ${server.processId})`);
  return server;
}

/** The handle: it stops the server once and then gives the directory up. */
class OwnedServer implements EmbeddedPostgres {
  readonly connectionString: string;
  readonly directory: string;
  readonly version: string;
  readonly processId: number;
  readonly exited: Promise<ServerExit>;
  readonly #owned: OwnedParts;
  #stopped: Promise<void> | undefined;

  constructor(owned: OwnedParts) {
    this.#owned = owned;
    this.connectionString = owned.server.connectionString;
    this.directory = owned.placement.root;
    this.version = owned.server.version;
    this.processId = owned.server.processId;
    this.exited = new Promise((resolve) => {
      void owned.server.ended.then((exit) => {
        if (this.#stopped === undefined) resolve(exit);
      });
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= stopOwned(this.#owned);
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface OwnedParts {
  readonly server: RunningServer;
  readonly placement: Placement;
  readonly ownership: Ownership;
  readonly clock: Clock;
}

async function stopOwned(owned: OwnedParts): Promise<void> {
  const { server, placement, ownership, clock } = owned;
  using _held = holdProcess();
  await stopServer(server.program, { placement, clock });
  await ownership.release();
}

async function findBinaries(
  options: EmbeddedOptions,
  user: ServerUser | undefined,
): Promise<Binaries> {
  const { binaries } = options;
  if (binaries !== undefined) return useBinaries(binaries.directory, user);
  return prepareBinaries(await findInstallation(defaultInstallationQuery()), user);
}

async function rotateLog(placement: Placement): Promise<void> {
  const found = await stat(placement.log).catch(() => undefined);
  if (found === undefined || found.size < logBytesMax) return;
  await rename(placement.log, `${placement.log}.1`);
}

function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

function ignoreLine(): void {
  // Nobody listens.
}
