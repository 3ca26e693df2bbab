/**
 * Runs handlers as functions in the worker's own process. A handler is asked to stop through its
 * signal; one that goes on is given up on after its grace, but JavaScript cannot end it: what it
 * still writes is ignored, and its fencing token is stale by then. A handler that never awaits
 * holds up the whole worker; such work belongs into a child process.
 */

import { isAbortEcho } from "../../kernel/clock.ts";
import { ExecutorError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { AttemptRequest, Executor } from "../../model/executor.ts";
import type { GraphAccess } from "../../model/graph.ts";
import type { InProcessCode, RunContext, RunLogger } from "../../model/handler.ts";
import type { Outcome } from "../../model/outcome.ts";
import {
  type Answer,
  answerOfReturned,
  answerOfThrown,
  interruptedOutcome,
  outcomeAfterAbort,
} from "../attempt/answer.ts";
import { type AttemptLog, openAttemptLog } from "../attempt/attempt-log.ts";
import { failureOf } from "../attempt/failure.ts";
import { readParams } from "../attempt/params.ts";

/** What handlers are given beside what belongs to their run. */
export interface InProcessExecutorOptions {
  /** Connection string of the database that holds the queue. */
  readonly databaseUrl: string;
  /** What handlers may ask of the graph around them. */
  readonly graphs: GraphAccess;
}

/** The code of a definition, and what it is run with. */
interface Callee extends InProcessExecutorOptions {
  readonly code: InProcessCode<unknown, unknown>;
}

/** The executor of definitions whose code is a function. */
export function createInProcessExecutor(options: InProcessExecutorOptions): Executor {
  return {
    execute: (request) => {
      const { code, settings } = request.definition;
      if (code.kind !== "in-process") {
        const message = `${settings.name} is no function but a program`;
        return Promise.resolve(failureOf(new ExecutorError("ORR_EXEC_NO_HANDLER", message)));
      }
      const { stop } = request;
      return stop.reason === undefined
        ? attempt(request, { ...options, code })
        : Promise.resolve(interruptedOutcome(stop.signal));
    },
  };
}

function attempt(request: AttemptRequest, callee: Callee): Promise<Outcome> {
  const { stop, clock, graceMs } = request;
  const log = openAttemptLog(request.sink);
  return new Promise((resolve) => {
    let graceTimer: Disposable | undefined;
    // Called again by code that was given up on; then there is nothing left to settle.
    const settle = (outcome: Outcome): void => {
      stop.onAsked(undefined);
      graceTimer?.[Symbol.dispose]();
      log.close();
      resolve(outcome);
    };
    stop.onAsked(() => {
      graceTimer = clock.schedule(graceMs, () => {
        log.notice("error", ignoredSignal(request));
        settle(interruptedOutcome(stop.signal));
      });
    });
    void invoke({ request, log, callee, settle });
  });
}

interface Invocation {
  readonly request: AttemptRequest;
  readonly log: AttemptLog;
  readonly callee: Callee;
  readonly settle: (outcome: Outcome) => void;
}

/** Never rejects, so that nothing is left unhandled when nobody waits for the answer any more. */
async function invoke(invocation: Invocation): Promise<void> {
  const { request, log, settle } = invocation;
  const answer = await answerOf(invocation);
  const { stop } = request;
  settle(
    stop.reason === undefined ? answer.outcome : answeredLate(answer, { signal: stop.signal, log }),
  );
}

async function answerOf(invocation: Invocation): Promise<Answer> {
  const { request, callee } = invocation;
  const { definition, run, stop } = request;
  try {
    const params =
      definition.schema === undefined ? run.input : await readParams(definition, run.input);
    if (stop.reason !== undefined) return answerOfThrown(stop.reason);
    return answerOfReturned(await callee.code.run(contextOf(params, invocation)));
  } catch (thrown) {
    return answerOfThrown(thrown);
  }
}

function contextOf(params: unknown, invocation: Invocation): RunContext {
  const { request, log, callee } = invocation;
  const { run, stop } = request;
  return {
    params,
    // No getter: making one takes longer than making the signal.
    signal: stop.signal,
    log: loggerOf(log),
    progress: (fraction, message) => log.progress(fraction, message),
    fence: run.fence,
    databaseUrl: callee.databaseUrl,
    runId: run.id,
    taskId: run.taskId,
    results: async () => (run.taskId === null ? {} : await callee.graphs.findResults(run.taskId)),
    addNodes: async (nodes, options = {}) => await callee.graphs.addNodes(run, { nodes, options }),
    attempt: run.attempt,
    fireAt: run.fireAt,
    dueAt: run.dueAt,
  };
}

function loggerOf(log: AttemptLog): RunLogger {
  const writer = (level: keyof RunLogger) => (message: string, data?: JsonObject) =>
    log.line(level, message, data);
  return {
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
  };
}

/** An error of the handler's own that its outcome does not show is told in the log. */
function answeredLate(
  answer: Answer,
  { signal, log }: { readonly signal: AbortSignal; readonly log: AttemptLog },
): Outcome {
  const { outcome, thrown } = answer;
  if (thrown !== undefined && outcome.kind === "failed" && !isAbortEcho(thrown, signal)) {
    log.notice("warn", `the handler failed while it was stopping: ${outcome.error.message}`);
  }
  return outcomeAfterAbort(answer, signal);
}

function ignoredSignal({ stop, graceMs }: AttemptRequest): string {
  const why = stop.reason?.message ?? "";
  return `the handler ignored its signal for ${graceMs} ms and was given up on: ${why}`;
}
