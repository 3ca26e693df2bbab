/** Tests that what is left of a former server is waited for, and what is not one is left alone. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { createManualClock } from "../../testing/manual-clock.ts";
import type { Placement } from "./placement.ts";
import { awaitVacancy } from "./postmaster.ts";

const hasProc = process.platform === "linux";

async function emptyPlace(): Promise<Placement> {
  const data = await realpath(await mkdtemp(join(tmpdir(), "orrery-vacancy-")));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return { root: data, data, log: join(data, "log") };
}

/** A process in the directory that goes by a name and ends when its input does. */
async function processIn(data: string, name: string): Promise<ChildProcess> {
  const child = spawn("cat", [], { argv0: name, cwd: data, stdio: ["pipe", "pipe", "ignore"] });
  // It answers: from here on it is that program, and no copy of ours that is about to become it.
  child.stdin.write("here");
  await once(child.stdout, "data");
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Starts to wait with a clock that stands still; `isOver` tells whether it has come to an end. */
function wait(placement: Placement) {
  const clock = createManualClock();
  const over = new AbortController();
  const vacancy = awaitVacancy({ placement, clock, signal: undefined });
  const done = vacancy.finally(() => over.abort());
  /** Lets `count` looks be had. */
  const look = async (count: number): Promise<void> => {
    for (let looks = 0; looks < count && !over.signal.aborted; looks += 1) {
      while (clock.timerCount === 0 && !over.signal.aborted) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      clock.advance(20);
    }
  };
  return { done, over: over.signal, look };
}

test("a server that has removed its file and not quite ended is waited for", async (context) => {
  if (!hasProc) context.skip("needs a process directory");
  const place = await emptyPlace();
  const server = await processIn(place.data, "/usr/lib/postgres");
  const { done, over, look } = wait(place);
  await look(5);
  expect(over.aborted).toBe(false);
  server.stdin?.end();
  expect(await once(server, "exit")).toEqual([0, null]);
  await look(5);
  await done;
});

test("one that does not end is killed after a while", async (context) => {
  if (!hasProc) context.skip("needs a process directory");
  const place = await emptyPlace();
  const server = await processIn(place.data, "postgres: orrery: checkpointer ");
  const exited = once(server, "exit");
  const { done, look } = wait(place);
  // Two seconds of the clock, and a few looks until the system has carried it out.
  await look(1_000);
  await done;
  expect(await exited).toEqual([null, "SIGKILL"]);
});

test("a process of somebody else in the directory is none of ours", async (context) => {
  if (!hasProc) context.skip("needs a process directory");
  const place = await emptyPlace();
  const shell = await processIn(place.data, "-bash");
  await wait(place).done;
  expect(shell.exitCode ?? shell.signalCode).toBeNull();
});
