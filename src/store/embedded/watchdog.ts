/**
 * Starts a program so that it never outlives us. It runs below a small shell that watches a pipe
 * whose other end only we hold: the system closes it when we die, however we die, and the shell
 * then asks the program to stop. Taking down that shell as well still leaves its watching half.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { MessageChannel } from "node:worker_threads";

import { serverEnvironment, type ServerUser } from "./run-as.ts";

/** How a program ended. */
export interface ProgramExit {
  /** Its exit status, above 128 when a signal ended it; undefined when it could not be started. */
  readonly exitCode: number | undefined;
  /** What the system said when it could not be started. */
  readonly failure: string | undefined;
}

/** A program below its watchdog. */
export interface WatchedProgram {
  /** Resolves when it has ended. */
  readonly exited: Promise<ProgramExit>;
  /** Asks it to stop in good order (SIGINT); safe to call again. */
  requestStop(): void;
  /** Kills it and its watchdog, when asking was in vain. */
  kill(): void;
  /** Whether it keeps our process alive; it does at first. */
  keepProcess(keep: boolean): void;
}

/** What to run. */
export interface WatchedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly user: ServerUser | undefined;
  /** An open file for all that it prints. */
  readonly outputFd: number;
}

/**
 * The watching half reads until the pipe closes, then interrupts the program, again and again: what
 * a shell starts in the background ignores interrupts until it says otherwise, which a program that
 * has just been started has not done yet. The other half waits for the program and passes its
 * status on. Signals meant for the whole session (a service manager stopping everything) must not
 * end the shell before the program.
 */
const script = [
  "trap '' HUP INT TERM",
  "exec 3<&0",
  '"$0" "$@" </dev/null 3<&- & program=$!',
  "{ while read -r _; do :; done <&3",
  '  while kill -INT "$program"; do sleep 1 3<&-; done',
  "} 2>/dev/null & watch=$!",
  "exec 3<&-",
  'wait "$program"; status=$?',
  'kill -KILL "$watch" 2>/dev/null',
  'exit "$status"',
].join("\n");

/** Starts the program in a session of its own, out of reach of the terminal's signals. */
export function spawnWatched(command: WatchedCommand): WatchedProgram {
  const { user, outputFd } = command;
  const child = spawn("/bin/sh", ["-c", script, command.file, ...command.args], {
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    cwd: "/",
    env: serverEnvironment(),
    detached: true,
    stdio: ["pipe", outputFd, outputFd],
  });
  // EPIPE when the program ended first; `exited` tells that already.
  child.stdin?.on("error", () => undefined);
  return {
    exited: exitOf(child),
    requestStop: () => child.stdin?.end(),
    kill: () => killGroup(child),
    keepProcess: (keep) => {
      if (keep) child.ref();
      else child.unref();
    },
  };
}

/**
 * Keeps the process alive until disposed of. Timers of a `Clock` do not, so a program that does
 * nothing but wait for its server would end in the middle of it.
 */
export function holdProcess(): Disposable {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", () => undefined);
  return {
    [Symbol.dispose]: () => {
      port1.close();
      port2.close();
    },
  };
}

function exitOf(child: ChildProcess): Promise<ProgramExit> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: undefined, failure: error.message }));
    child.once("exit", (code, signal) => {
      resolve({
        exitCode: code ?? 128,
        failure: signal === null ? undefined : `ended by ${signal}`,
      });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: all of it has ended.
  }
}
