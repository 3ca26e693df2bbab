/** One server process, from its start until nothing of it is left. */

import { open } from "node:fs/promises";

import { type Clock, delay } from "../../kernel/clock.ts";
import { StoreError } from "../../kernel/errors.ts";
import type { Binaries } from "./binaries.ts";
import { connectionStringFor, isAnswering } from "./connection.ts";
import type { Placement } from "./placement.ts";
import { awaitVacancy, findPostmasterPid, readLogTail } from "./postmaster.ts";
import { trySignal } from "./process-table.ts";
import type { ServerUser } from "./run-as.ts";
import { serverArguments, type SettingsOptions } from "./settings.ts";
import { type ProgramExit, spawnWatched, type WatchedProgram } from "./watchdog.ts";

/** A server that accepts connections. */
export interface RunningServer {
  readonly connectionString: string;
  readonly version: string;
  readonly processId: number;
  readonly program: WatchedProgram;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<ServerExit>;
}

/** How a server ended. */
export interface ServerExit {
  /** Its exit status; undefined when the system ended its watchdog. */
  readonly exitCode: number | undefined;
  /** The last lines of its log, oldest first. */
  readonly logLines: readonly string[];
}

/** What to run. */
export interface ServerOptions {
  readonly placement: Placement;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly settings: SettingsOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Starting includes the recovery after a crash, which can take minutes on a slow disk. */
const readyMsMax = 300_000;

/** How long processes of a former server may hold its shared memory. */
const sharedMemoryMsMax = 10_000;

/** A stop in good order writes out what is in memory. */
const stopMsMax = 30_000;

/** The next, rougher one ends every process at once; recovery then follows at the next start. */
const quitMsMax = 5_000;

const pollMs = 10;

/**
 * Starts the server and waits until it accepts connections.
 * @throws StoreError `ORR_STORE_UNAVAILABLE` with the last lines of its log
 */
export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { placement, clock, signal } = options;
  const startMs = clock.monotonicMs();
  for (;;) {
    const attempt = await attemptStart(options);
    if (attempt.kind === "running") return attempt.server;
    const said = attempt.lines.join("\n  ");
    const waiting = clock.monotonicMs() - startMs < sharedMemoryMsMax;
    // Dying processes of a killed server; PostgreSQL itself refuses to run beside them.
    if (!waiting || !said.includes("pre-existing shared memory block")) {
      throw new StoreError(
        "ORR_STORE_UNAVAILABLE",
        `PostgreSQL did not start (${attempt.reason}); the end of ${placement.log}:\n  ${said}`,
        { transient: false, details: { directory: placement.root } },
      );
    }
    await delay(clock, pollMs, signal);
  }
}

/**
 * Stops a server in good order, or less so when that takes too long, and waits until no process of
 * it is left, also when its watchdog or the server had been killed by somebody else.
 */
export async function stopServer(
  program: WatchedProgram,
  context: Pick<ServerOptions, "placement" | "clock">,
): Promise<void> {
  const { placement, clock } = context;
  program.keepProcess(true);
  program.requestStop();
  if (!(await endsWithin(program, clock, stopMsMax))) {
    const pid = await findPostmasterPid(placement.data);
    if (pid !== undefined) trySignal(pid, "SIGQUIT");
    if (!(await endsWithin(program, clock, quitMsMax))) program.kill();
  }
  await program.exited;
  await awaitVacancy({ placement, clock, signal: undefined });
}

type StartAttempt =
  | { readonly kind: "running"; readonly server: RunningServer }
  | { readonly kind: "failed"; readonly reason: string; readonly lines: readonly string[] };

async function attemptStart(options: ServerOptions): Promise<StartAttempt> {
  const { placement, binaries, user } = options;
  // The server gets a copy of the open file, so that its user needs no right to the log.
  await using log = await open(placement.log, "a", 0o600);
  const { size } = await log.stat();
  const args = serverArguments(placement.data, options.settings);
  const program = spawnWatched({ file: binaries.postgres, args, user, outputFd: log.fd });
  const connectionString = connectionStringFor(options.settings.socketDirectory);
  let reason: string | undefined;
  try {
    reason = await awaitReady(options, { program, connectionString });
  } catch (error) {
    await stopServer(program, options);
    throw error;
  }
  const processId = await findPostmasterPid(placement.data);
  if (reason !== undefined || processId === undefined) {
    await stopServer(program, options);
    const lines = await readLogTail(placement.log, size);
    return { kind: "failed", reason: reason ?? "it ended at once", lines };
  }
  program.keepProcess(false);
  const ended = program.exited.then((exit) => describeExit(exit, placement));
  const { version } = binaries;
  return {
    kind: "running",
    server: { connectionString, version, processId, program, ended },
  };
}

/** Returns why the server did not become ready; undefined when it did. */
async function awaitReady(
  options: ServerOptions,
  started: { readonly program: WatchedProgram; readonly connectionString: string },
): Promise<string | undefined> {
  const { clock, signal } = options;
  const startMs = clock.monotonicMs();
  while (clock.monotonicMs() - startMs < readyMsMax) {
    if (await isAnswering(started.connectionString)) return undefined;
    const exit = await Promise.race([started.program.exited, delay(clock, pollMs, signal)]);
    if (exit !== undefined) return exit.failure ?? `exit status ${exit.exitCode}`;
  }
  return `not ready after ${readyMsMax / 1000} s`;
}

async function endsWithin(program: WatchedProgram, clock: Clock, ms: number): Promise<boolean> {
  const calledOff = new AbortController();
  const timer = delay(clock, ms, calledOff.signal).then(
    () => false,
    () => true,
  );
  const ended = await Promise.race([program.exited.then(() => true), timer]);
  calledOff.abort();
  return ended;
}

async function describeExit(exit: ProgramExit, placement: Placement): Promise<ServerExit> {
  const logLines = await readLogTail(placement.log, 0).catch(() => []);
  return { exitCode: exit.exitCode, logLines };
}
