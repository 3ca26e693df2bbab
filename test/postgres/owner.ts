/** Starts `owner-program.ts` as a process of its own, follows what it tells, and kills it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { ExecutorError } from "../../src/kernel/errors.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { parsePostmasterPid } from "../../src/store/embedded/postmaster.ts";
import type { ServerUser } from "../../src/store/embedded/run-as.ts";
import { compileCache } from "../support/compile-cache.ts";

/** A line that the program prints. */
export type OwnerEvent =
  | { readonly kind: "started"; readonly processId: number; readonly directory: string }
  | { readonly kind: "refused"; readonly code: string; readonly ownerPid: number }
  | { readonly kind: "committed"; readonly id: number };

/** What the program is to do. */
export interface OwnerOptions {
  readonly directory: string;
  readonly commit?: boolean;
  /** Runs it as another user; needs root. */
  readonly user?: ServerUser;
}

/** A process that owns a server, or tried to. */
export interface OwnerProcess extends AsyncDisposable {
  readonly pid: number;
  /** The ids of the rows whose commit it was told of, so far. */
  readonly committed: readonly number[];
  /** Whether it started its server or was refused. */
  readonly outcome: Promise<OwnerEvent>;
  /** Resolves when at least `count` rows are committed. */
  awaitCommitted(count: number): Promise<void>;
  /** Ends it with SIGKILL, and nothing else. */
  kill(): Promise<void>;
  /** Ends with SIGKILL it and those of its descendants that are chosen, all by default. */
  killTree(choose?: (processes: readonly TreeProcess[]) => readonly TreeProcess[]): Promise<void>;
}

/** A descendant. */
export interface TreeProcess {
  readonly pid: number;
  readonly parent: number;
}

const program = fileURLToPath(new URL("./owner-program.ts", import.meta.url));

/** Starts the program; `outcome` tells how that went. */
export function spawnOwner(options: OwnerOptions): OwnerProcess {
  const { user } = options;
  const args = [program, options.directory, ...(options.commit === true ? ["commit"] : [])];
  const child = spawn(process.execPath, ["--conditions=orrery-source", ...args], {
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    env: { ...process.env, ...compileCache },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const pid = child.pid ?? 0;
  const exited = once(child, "exit");
  const story = followStory(child, exited);
  return {
    pid,
    committed: story.committed,
    outcome: story.outcome,
    awaitCommitted: story.awaitCommitted,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    killTree: async (choose = (processes) => processes) => {
      const tree = await freezeTree(pid);
      const chosen = choose(tree);
      // The owner first: were its server to end first, it would still get to tell commits.
      for (const target of [pid, ...chosen.map((process) => process.pid)]) {
        signal(target, "SIGKILL");
      }
      for (const spared of tree) if (!chosen.includes(spared)) signal(spared.pid, "SIGCONT");
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin?.end();
      await exited;
    },
  };
}

/** Stops all processes of a tree, so that none starts another meanwhile; answers them. */
async function freezeTree(root: number): Promise<readonly TreeProcess[]> {
  signal(root, "SIGSTOP");
  const frozen = new Set<number>();
  for (;;) {
    const found = await listDescendants(root);
    const fresh = found.filter((process) => !frozen.has(process.pid));
    if (fresh.length === 0) return found;
    for (const { pid } of fresh) {
      signal(pid, "SIGSTOP");
      frozen.add(pid);
    }
  }
}

/** All processes below `root`, parents before children. */
export async function listDescendants(root: number): Promise<readonly TreeProcess[]> {
  const all: TreeProcess[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    all.push({ pid: Number(name), parent });
  }
  const found: TreeProcess[] = all.filter((process) => process.parent === root);
  for (const process of found) found.push(...all.filter((next) => next.parent === process.pid));
  return found;
}

/** Leaves out the children of the server itself, which then find themselves without it. */
export async function withoutBackends(
  data: string,
): Promise<(processes: readonly TreeProcess[]) => readonly TreeProcess[]> {
  const server = parsePostmasterPid(await readFile(`${data}/postmaster.pid`, "utf8"));
  return (processes) => processes.filter((process) => process.parent !== server);
}

interface OwnerStory {
  readonly committed: readonly number[];
  readonly outcome: Promise<OwnerEvent>;
  readonly awaitCommitted: (count: number) => Promise<void>;
}

function followStory(child: ChildProcess, exited: Promise<unknown>): OwnerStory {
  const committed: number[] = [];
  const waiting = new Set<() => void>();
  let settle: (event: OwnerEvent) => void = () => undefined;
  const over = exited.then((): never => {
    throw new ExecutorError("ORR_EXEC_EXIT", "the owner program ended too early");
  });
  const told = new Promise<OwnerEvent>((resolve) => {
    settle = resolve;
  });
  const outcome = Promise.race([told, over]);
  // Rejections that nobody waits for are the normal end of a program that is killed.
  outcome.catch(() => undefined);
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event: unknown = JSON.parse(line);
      if (isRecord(event) && typeof event["id"] === "number") committed.push(event["id"]);
      if (isOutcome(event)) settle(event);
      for (const wake of waiting) wake();
    });
  }
  const awaitCommitted = async (count: number): Promise<void> => {
    while (committed.length < count) {
      const next = new Promise<void>((resolve) => waiting.add(resolve));
      await Promise.race([next, over]);
      waiting.clear();
    }
  };
  return { committed, outcome, awaitCommitted };
}

function isOutcome(event: unknown): event is OwnerEvent {
  return isRecord(event) && (event["kind"] === "started" || event["kind"] === "refused");
}

function signal(pid: number, name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH: it ended together with those killed before it.
  }
}
