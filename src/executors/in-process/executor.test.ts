import { expect, test } from "vitest";
import { z } from "zod";

import { CancelledError, TimeoutError } from "../../kernel/errors.ts";
import type { RunContext, TaskCode } from "../../model/handler.ts";
import { eventful, snoozed, uneventful } from "../../model/outcome.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { testAttempt } from "../../../test/support/attempt-request.ts";
import { matching } from "../../../test/support/matching.ts";
import { createInProcessExecutor } from "./executor.ts";
import { noGraphs } from "../../../test/support/no-graphs.ts";

const databaseUrl = "postgres://somewhere/queue";
const executor = createInProcessExecutor({ databaseUrl, graphs: noGraphs });
const cancel = new CancelledError("ORR_CANCELLED_RUN", "not needed any more");

function code(run: (context: RunContext) => unknown): TaskCode<unknown, unknown> {
  return { kind: "in-process", run };
}

/** Resolves with the reason when the handler's signal is aborted. */
function whenAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

test("the handler is given its run, the schema's output, and what it can do", async () => {
  let seen: RunContext | undefined;
  const attempt = testAttempt(
    code((context) => {
      seen = context;
      const { log, progress } = context;
      log.debug("a");
      log.warn("b", { rows: 1 });
      progress(0.5, "half");
      return { rows: 2 };
    }),
    { input: {}, schema: z.object({ depth: z.number().default(3) }), taskId: 9 },
  );
  const outcome = await executor.execute(attempt.request);
  expect(outcome).toEqual(eventful({ rows: 2 }));
  const { run } = attempt.request;
  expect(seen).toMatchObject({
    params: { depth: 3 },
    fence: 42,
    databaseUrl,
    runId: 7,
    taskId: 9,
    attempt: 2,
    fireAt: null,
    dueAt: run.dueAt,
  });
  expect(attempt.lines).toEqual([
    { level: "debug", message: "a" },
    { level: "warn", message: "b", data: { rows: 1 } },
  ]);
  expect(attempt.progress).toEqual([[0.5, "half"]]);
});

test("a plain result is eventful, none is null, and outcomes pass through", async () => {
  const run = (result: unknown) => executor.execute(testAttempt(code(() => result)).request);
  await expect(run(undefined)).resolves.toEqual(eventful(null));
  await expect(run(Promise.resolve([1]))).resolves.toEqual(eventful([1]));
  await expect(run(uneventful("same"))).resolves.toEqual(uneventful("same"));
  await expect(run(snoozed(10))).resolves.toEqual(snoozed(10));
});

test("a handler is called as a method of its definition", async () => {
  const own = {
    kind: "in-process" as const,
    answer: 42,
    run(): unknown {
      return this.answer;
    },
  };
  await expect(executor.execute(testAttempt(own).request)).resolves.toEqual(eventful(42));
});

test.each([
  ["a bigint", { id: 1n }, /output\.id is a bigint/],
  ["too much", "x".repeat(1_048_576), /output has .+ bytes of JSON, at most 1048576 are kept/],
])("a result with %s is a failure that says so", async (_, result, message) => {
  const outcome = await executor.execute(testAttempt(code(() => result)).request);
  expect(outcome).toMatchObject({
    kind: "failed",
    error: { code: "ORR_EXEC_FAILED", message: matching(message) },
  });
});

test("a stored input that no longer fits fails before the handler runs", async () => {
  let called = false;
  const attempt = testAttempt(
    code(() => {
      called = true;
    }),
    { input: { depth: "deep" }, schema: z.object({ depth: z.number() }) },
  );
  await expect(executor.execute(attempt.request)).resolves.toMatchObject({
    kind: "failed",
    error: { code: "ORR_INPUT_ARGUMENTS", details: { field: "input.depth" } },
  });
  expect(called).toBe(false);
});

test("an error is a failure with its stack, thrown at once or later", async () => {
  const thrown = new RangeError("too far");
  const atOnce = testAttempt(
    code(() => {
      throw thrown;
    }),
  );
  const later = testAttempt(code(() => Promise.reject(thrown)));
  for (const attempt of [atOnce, later]) {
    const outcome = await executor.execute(attempt.request);
    expect(outcome).toMatchObject({
      kind: "failed",
      error: { message: "too far", stack: thrown.stack },
    });
  }
});

test("a program is not taken for a function", async () => {
  const attempt = testAttempt({ kind: "child-process", command: () => ({ file: "x", args: [] }) });
  await expect(executor.execute(attempt.request)).resolves.toMatchObject({
    error: { code: "ORR_EXEC_NO_HANDLER" },
  });
});

test("a run that is to stop before it begins never reaches the handler", async () => {
  let called = false;
  const attempt = testAttempt(
    code(() => {
      called = true;
    }),
  );
  attempt.stop.ask(cancel);
  const outcome = await executor.execute(attempt.request);
  expect(outcome).toEqual({ kind: "cancelled", reason: "not needed any more" });
  expect(called).toBe(false);
});

test("a run that is to stop while its schema is at work never reaches the handler", async () => {
  let called = false;
  const attempt = testAttempt(
    code(() => {
      called = true;
    }),
    { schema: z.any().refine(() => Promise.resolve(true)) },
  );
  const ended = executor.execute(attempt.request);
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
  expect(called).toBe(false);
});

test("the abort reaches the handler's signal at once, with its reason", async () => {
  let aborted: unknown;
  const attempt = testAttempt(
    code(async ({ signal }) => {
      signal.addEventListener("abort", () => {
        aborted = signal.reason;
      });
      await whenAborted(signal);
    }),
  );
  const ended = executor.execute(attempt.request);
  await Promise.resolve();
  await Promise.resolve();
  attempt.stop.ask(cancel);
  expect(aborted).toBe(cancel);
  await expect(ended).resolves.toEqual(eventful(null));
});

test.each([
  ["cancel", cancel, { kind: "cancelled", reason: "not needed any more" }],
  [
    "time-out",
    new TimeoutError("ORR_TIMEOUT_RUN", "over 5 s"),
    { kind: "failed", error: { code: "ORR_TIMEOUT_RUN" } },
  ],
  ["shutdown", new CancelledError("ORR_CANCELLED_SHUTDOWN", "bye"), snoozed(0)],
])("a handler that passes on the abort of a %s ends by its reason", async (_, reason, expected) => {
  const attempt = testAttempt(
    code(async ({ signal, log }) => {
      log.info("waiting");
      throw await whenAborted(signal);
    }),
  );
  const ended = executor.execute(attempt.request);
  await attempt.sees("waiting");
  attempt.stop.ask(reason);
  await expect(ended).resolves.toMatchObject(expected);
  expect(attempt.lines).toHaveLength(1);
});

test("an error of its own while it stops is told in the log", async () => {
  const attempt = testAttempt(
    code(async ({ signal, log }) => {
      log.info("waiting");
      await whenAborted(signal);
      throw new RangeError("cannot close the file");
    }),
  );
  const ended = executor.execute(attempt.request);
  await attempt.sees("waiting");
  attempt.stop.ask(cancel);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
  expect(attempt.lines.at(-1)).toEqual({
    level: "warn",
    message: "the handler failed while it was stopping: cannot close the file",
  });
});

test("work that is finished within the grace stays finished", async () => {
  const clock = createManualClock();
  let finish: (() => void) | undefined;
  const attempt = testAttempt(
    code(async ({ log }) => {
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      log.info("waiting");
      await finished;
      return "all of it";
    }),
    { clock, graceMs: 1_000 },
  );
  const ended = executor.execute(attempt.request);
  await attempt.sees("waiting");
  attempt.stop.ask(cancel);
  clock.advance(999);
  finish?.();
  await expect(ended).resolves.toEqual(eventful("all of it"));
  expect(clock.timerCount).toBe(0);
});

test("a handler that ignores its signal is given up on, and not heard again", async () => {
  const clock = createManualClock();
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  let fail: ((reason: unknown) => void) | undefined;
  let context: RunContext | undefined;
  const attempt = testAttempt(
    code((given) => {
      context = given;
      given.log.info("waiting");
      return new Promise((_, reject) => {
        fail = reject;
      });
    }),
    { clock, graceMs: 250 },
  );
  const ended = executor.execute(attempt.request);
  await attempt.sees("waiting");
  attempt.stop.ask(cancel);
  clock.advance(250);
  await expect(ended).resolves.toMatchObject({ kind: "cancelled" });
  const told = {
    level: "error",
    message: "the handler ignored its signal for 250 ms and was given up on: not needed any more",
  };
  expect(attempt.lines.at(-1)).toEqual(told);

  context?.log.error("still here");
  context?.progress(1);
  fail?.(new RangeError("far too late"));
  // Node reports unhandled rejections before it turns to the next message of a port.
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve(undefined);
    });
    port1.start();
    port2.postMessage("");
  });
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
  expect(attempt.lines.at(-1)).toEqual(told);
  expect(attempt.progress).toEqual([]);
});

test("an abort after the end changes nothing and leaves no timer", async () => {
  const clock = createManualClock();
  const attempt = testAttempt(
    code(() => "done"),
    { clock },
  );
  await expect(executor.execute(attempt.request)).resolves.toEqual(eventful("done"));
  attempt.stop.ask(cancel);
  expect(clock.timerCount).toBe(0);
});
