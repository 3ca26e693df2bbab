/**
 * How programs are stopped, alone or with their process group, and that none is left behind. Ends
 * of processes are seen by the end of their connections, so no test waits by the clock.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import type { Clock } from "../../kernel/clock.ts";
import { CancelledError, TimeoutError } from "../../kernel/errors.ts";
import type { ChildCommand } from "../../model/handler.ts";
import { eventful, type Outcome, snoozed } from "../../model/outcome.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { testAttempt, type TestAttempt } from "../../../test/support/attempt-request.ts";
import { type Lifeline, type Lifelines, openLifelines } from "../../../test/support/lifelines.ts";
import { createChildProcessExecutor } from "./executor.ts";
import { noGraphs } from "../../../test/support/no-graphs.ts";

const environment = { PATH: process.env["PATH"] };
const executor = createChildProcessExecutor({ environment, graphs: noGraphs });
const cancel = new CancelledError("ORR_CANCELLED_RUN", "not needed any more");

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../test/support/programs/${name}`, import.meta.url));
}

function fixture(name: string, ...args: readonly (string | number)[]): ChildCommand {
  return { file: process.execPath, args: [pathOf(name), ...args.map(String)] };
}

function shell(script: string): ChildCommand {
  return { file: "sh", args: ["-c", script] };
}

function attemptOf(
  command: ChildCommand,
  options: { readonly clock?: Clock; readonly graceMs?: number } = {},
): TestAttempt {
  return testAttempt({ kind: "child-process", command: () => command }, options);
}

/** The next process to connect; when the attempt ends first, its outcome says why none will. */
async function arrival(lifelines: Lifelines, ended: Promise<Outcome>): Promise<Lifeline> {
  const first = await Promise.race([lifelines.next(), ended]);
  if ("pid" in first) return first;
  return expect.fail(`no process connected: ${JSON.stringify(first)}`);
}

/** A program that has started a child in its group, with the child's lifeline. */
async function startParent(
  lifelines: Lifelines,
  { mode, clock }: { readonly mode: "obey" | "ignore"; readonly clock?: Clock },
) {
  const command = fixture("parent.ts", lifelines.port, mode, "stay");
  const attempt = attemptOf(command, clock === undefined ? {} : { clock, graceMs: 1_000 });
  const ended = executor.execute(attempt.request);
  const child = await arrival(lifelines, ended);
  await attempt.sees("child is ready");
  return { attempt, ended, child };
}

test.each([
  ["cancel", cancel, { kind: "cancelled", reason: "not needed any more" }],
  [
    "time-out",
    new TimeoutError("ORR_TIMEOUT_RUN", "over 5 s"),
    { kind: "failed", error: { code: "ORR_TIMEOUT_RUN" } },
  ],
  ["shutdown", new CancelledError("ORR_CANCELLED_SHUTDOWN", "bye"), snoozed(0)],
])("a %s ends the program and its children by SIGTERM", async (_, reason, expected) => {
  await using lifelines = await openLifelines();
  const { attempt, ended, child } = await startParent(lifelines, { mode: "obey" });
  attempt.stop.ask(reason);
  await expect(ended).resolves.toMatchObject(expected);
  await child.ended;
  expect(attempt.lines.filter(({ level }) => level !== "info")).toEqual([]);
});

test("a program that ignores SIGTERM is killed after the grace, and a line says so", async () => {
  await using lifelines = await openLifelines();
  const clock = createManualClock();
  const attempt = attemptOf(fixture("linger.ts", lifelines.port, "ignore"), {
    clock,
    graceMs: 1_000,
  });
  const ended = executor.execute(attempt.request);
  const program = await arrival(lifelines, ended);
  await attempt.sees("lingering");
  attempt.stop.ask(cancel);
  await attempt.sees("SIGTERM ignored");
  clock.advance(999);
  expect(attempt.lines.at(-1)?.level).toBe("warn");
  clock.advance(1);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
  await program.ended;
  expect(attempt.lines.filter(({ level }) => level === "error")).toEqual([
    {
      level: "error",
      message: "the program ignored SIGTERM for 1000 ms and was killed: not needed any more",
    },
  ]);
  expect(clock.timerCount).toBe(0);
});

test("a program that finishes its work on SIGTERM has done it", async () => {
  const report = `{"orrery": {"output": "all of it"}}`;
  const attempt = attemptOf(
    shell(`trap 'echo '\\''${report}'\\''; exit 0' TERM; echo ready; while :; do sleep 0.01; done`),
  );
  const ended = executor.execute(attempt.request);
  await attempt.sees("ready");
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toEqual(eventful("all of it"));
});

test("an exit code of its own while it stops is told, and the reason decides", async () => {
  const attempt = attemptOf(shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done"));
  const ended = executor.execute(attempt.request);
  await attempt.sees("ready");
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
  // Not the last line for certain: the shell may tell of the sleep that ended with it.
  expect(attempt.lines).toContainEqual({
    level: "warn",
    message: "the program ended with exit code 3 while it was stopping",
  });
});

test("a run that is to stop before it begins starts nothing", async () => {
  const attempt = attemptOf({ file: "/no/such/program", args: [] });
  attempt.stop.ask(cancel);
  await expect(executor.execute(attempt.request)).resolves.toMatchObject({ kind: "cancelled" });
});

test("a run that is to stop while its schema is at work starts nothing", async () => {
  const never = {
    version: 1,
    vendor: "test",
    validate: () => new Promise<never>(() => {}),
  } as const;
  const attempt = testAttempt(
    { kind: "child-process", command: () => ({ file: "/no/such/program", args: [] }) },
    { schema: { "~standard": never } },
  );
  const ended = executor.execute(attempt.request);
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
});

test("an abort between the start's preparation and the start still stops the program", async () => {
  const attempt = attemptOf(shell("sleep 1000"));
  const ended = executor.execute(attempt.request);
  await Promise.resolve();
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
});

test("children that hold the pipes after the program's end are killed", async () => {
  await using lifelines = await openLifelines();
  const impatient = createChildProcessExecutor({ environment, drainMs: 50, graphs: noGraphs });
  const attempt = attemptOf(fixture("parent.ts", lifelines.port, "ignore", "leave"));
  const ended = impatient.execute(attempt.request);
  const child = await arrival(lifelines, ended);
  await expect(ended).resolves.toEqual(eventful(null));
  await child.ended;
  expect(attempt.lines.at(-1)).toEqual({
    level: "warn",
    message: "processes that the program left behind were killed",
  });
});

test("children that let go of the pipes are killed as well when the program ends", async () => {
  await using lifelines = await openLifelines();
  const linger = `"${process.execPath}" "${pathOf("linger.ts")}" ${lifelines.port} ignore`;
  // The shell stays until its line of input tells it that the child is connected.
  const attempt = attemptOf(shell(`${linger} >/dev/null 2>&1 & trap 'exit 0' TERM; echo up; wait`));
  const ended = executor.execute(attempt.request);
  const child = await arrival(lifelines, ended);
  await attempt.sees("up");
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toEqual(eventful(null));
  await child.ended;
});

test("programs do not outlive a worker that is killed, even if they ignore SIGTERM", async () => {
  await using lifelines = await openLifelines();
  const command = fixture("parent.ts", lifelines.port, "ignore", "stay");
  const worker = spawn(process.execPath, [pathOf("worker.ts"), command.file, ...command.args]);
  const child = await lifelines.next();
  worker.kill("SIGKILL");
  await child.ended;
  expect(child.pid).toBeGreaterThan(0);
}, 20_000);

test("nothing of the executor keeps a worker alive that has done its runs", async () => {
  const worker = spawn(process.execPath, [pathOf("worker.ts"), "sh", "-c", "exit 0"]);
  const output: Buffer[] = [];
  worker.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  await once(worker, "close");
  expect(Buffer.concat(output).toString()).toBe('{"kind":"eventful","output":null}\n');
  expect(worker.exitCode).toBe(0);
});
