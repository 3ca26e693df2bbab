/**
 * Runs programs. Each attempt is one program, started without a shell as the leader of a process
 * group: it gets its input as JSON on standard input and, when small, in `ORRERY_INPUT`, says how
 * far it is and what it found in lines of its standard output (see report.ts), and tells by its
 * exit code whether it succeeded. Everything else that it prints is the run's log.
 *
 * To stop, the whole group gets SIGTERM, and SIGKILL after the grace. Nothing of the group is left
 * when the attempt ends, nor, by the guardian, when the worker dies. Process groups are POSIX.
 */

import { reasonOf } from "../../kernel/clock.ts";
import { ExecutorError } from "../../kernel/errors.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { AttemptRequest, Executor } from "../../model/executor.ts";
import type { GraphAccess, RunResults } from "../../model/graph.ts";
import type { ChildCommand } from "../../model/handler.ts";
import { answerOfThrown, interruptedOutcome } from "../attempt/answer.ts";
import { openAttemptLog } from "../attempt/attempt-log.ts";
import { keptJson } from "../attempt/kept-json.ts";
import { readParams } from "../attempt/params.ts";
import { inheritedEnvironment, readCommand } from "./command.ts";
import { createGuardian } from "./guardian.ts";
import { attemptProgram, type ProgramSettings } from "./program-attempt.ts";

/** How programs are run. */
export interface ChildProcessExecutorOptions {
  /** The worker's environment, of which programs get a small part: see docs/child-processes.md. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of further variables that programs get. @defaultValue none */
  readonly inheritedNames?: readonly string[];
  /** Where the results of required tasks come from, and added nodes go. */
  readonly graphs: GraphAccess;
  /**
   * Milliseconds that processes a program leaves behind may hold its output open, and that the
   * system may take to end a killed one. @defaultValue 2000
   */
  readonly drainMs?: number;
}

const drainMsDefault = 2_000;

/** Bytes of JSON that a schema may make of an input. */
const inputBytesMax = 16_777_216;

/** The executor of definitions whose code is a program. */
export function createChildProcessExecutor(options: ChildProcessExecutorOptions): Executor {
  const settings: ProgramSettings = {
    inherited: inheritedEnvironment(options.environment, options.inheritedNames ?? []),
    drainMs: options.drainMs ?? drainMsDefault,
    guardian: createGuardian(),
    graphs: options.graphs,
  };
  return {
    execute: async (request) => {
      const { signal } = request.stop;
      if (signal.aborted) return interruptedOutcome(signal);
      const log = openAttemptLog(request.sink);
      try {
        const launch = await beforeAbort(readLaunch(request, options.graphs), signal);
        return await attemptProgram({ request, log, ...launch, settings });
      } catch (thrown) {
        return signal.aborted ? interruptedOutcome(signal) : answerOfThrown(thrown).outcome;
      } finally {
        log.close();
      }
    },
  };
}

interface Launch {
  readonly command: ChildCommand;
  readonly inputText: string;
  /** JSON of what the required tasks have answered; undefined when none is required. */
  readonly resultsText: string | undefined;
}

async function readLaunch(
  { definition, run }: AttemptRequest,
  graphs: Pick<GraphAccess, "findResults">,
): Promise<Launch> {
  const { code, settings } = definition;
  if (code.kind !== "child-process") {
    const message = `${settings.name} is no program but a function`;
    throw new ExecutorError("ORR_EXEC_NO_HANDLER", message);
  }
  const params = await readParams(definition, run.input);
  return {
    command: readCommand((input) => code.command(input), params),
    inputText: inputTextOf(params, run.input),
    resultsText:
      run.taskId === null ? undefined : resultsTextOf(await graphs.findResults(run.taskId)),
  };
}

/** A schema may fill in defaults, which the program is to see, or make maps or classes of it. */
function inputTextOf(params: unknown, stored: JsonValue): string {
  try {
    return JSON.stringify(keptJson(params, { field: "input", bytesMax: inputBytesMax }));
  } catch {
    // What JSON cannot hold is for `command` alone; the program gets what was stored.
    return JSON.stringify(stored);
  }
}

function resultsTextOf(results: RunResults): string | undefined {
  return Object.keys(results).length === 0 ? undefined : JSON.stringify(results);
}

/** The result of `work`, unless the signal is aborted first: a schema may take for ever. */
function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(reasonOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).then(() => signal.removeEventListener("abort", onAbort));
  });
}
