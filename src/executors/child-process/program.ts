/** A started program: its process group, its pipes, and how it ended. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";

import { ExecutorError, messageOf } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import type { ChildCommand } from "../../model/handler.ts";
import type { Environment } from "./command.ts";
import type { ProgramOutput } from "./program-output.ts";

/** How a program ended: one of the two is not null. */
export interface ProgramExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What to start, and with what. */
export interface ProgramStart {
  readonly command: ChildCommand;
  readonly environment: Environment;
  /** Written to its standard input as one line, with which that ends. */
  readonly inputText: string;
  readonly output: ProgramOutput;
}

/** A running program that leads a process group of its own. */
export interface Program {
  /** The process group, which is also the id of the program's process. */
  readonly group: number;
  /** Resolves when the program has ended; others of its group may go on. */
  readonly exited: Promise<ProgramExit>;
  /** Resolves when nothing holds its standard output and error open any more. */
  readonly closed: Promise<void>;
  /** Sends a signal to all processes of the group; does nothing when there are none. */
  signalGroup(signal: "SIGTERM" | "SIGKILL"): void;
  /** Lets go of its pipes, whoever still writes to them. */
  release(): void;
}

/**
 * Starts a program without a shell, as the leader of a new process group.
 * @throws ExecutorError `ORR_EXEC_SPAWN`, naming the file
 */
export async function startProgram(start: ProgramStart): Promise<Program> {
  const child = spawned(start);
  if (child.pid === undefined) throw await spawnFailure(child, start.command);
  const group = child.pid;
  const exited = new Promise<ProgramExit>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  child.stdout.on("data", (chunk: Buffer) => start.output.stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => start.output.stderr.push(chunk));
  // A program need not read its input, nor live to the end of it: EPIPE is no failure of the run.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on("error", () => undefined);
  // The line end lets a shell's `read` take it too.
  child.stdin.end(`${start.inputText}\n`);
  return {
    group,
    exited,
    closed,
    signalGroup: (signal) => signalGroup(group, signal),
    release: () => {
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
    },
  };
}

function spawned({ command, environment }: ProgramStart): ChildProcessWithoutNullStreams {
  try {
    return spawn(command.file, command.args, {
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      env: environment,
      detached: true,
      shell: false,
      stdio: ["pipe", "pipe", "pipe"],
    });
  } catch (cause) {
    // Such as E2BIG: only the most usual failures come as an event.
    throw refusedStart(command, cause);
  }
}

function spawnFailure(
  child: ChildProcessWithoutNullStreams,
  command: ChildCommand,
): Promise<ExecutorError> {
  return new Promise((resolve) => {
    child.once("error", (cause) => resolve(refusedStart(command, cause)));
  });
}

function refusedStart({ file, cwd }: ChildCommand, cause: unknown): ExecutorError {
  const errno = isRecord(cause) && typeof cause["code"] === "string" ? cause["code"] : null;
  // The system names neither of them, and says ENOENT for both.
  const lacksCwd = errno === "ENOENT" && cwd !== undefined && !existsSync(cwd);
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: lacksCwd
      ? `its working directory ${cwd} does not exist`
      : "there is no such program, or what its first line names is missing",
    EACCES: "it may not be executed",
    E2BIG: "its arguments and environment are too large",
  };
  const reason = reasons[errno ?? ""] ?? messageOf(cause);
  return new ExecutorError("ORR_EXEC_SPAWN", `cannot start ${file}: ${reason}`, {
    details: { file, cwd: cwd ?? null, errno },
    cause,
  });
}

function signalGroup(group: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: all of it has ended. EPERM: what is left took another user's rights, out of reach.
  }
}
