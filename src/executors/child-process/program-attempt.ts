/** One attempt of a program, from its start until nothing of its process group is left. */

import { type Clock, reasonOf } from "../../kernel/clock.ts";
import type { AttemptRequest } from "../../model/executor.ts";
import type { GraphAccess } from "../../model/graph.ts";
import type { ChildCommand } from "../../model/handler.ts";
import type { Outcome } from "../../model/outcome.ts";
import { interruptedOutcome, outcomeAfterAbort } from "../attempt/answer.ts";
import type { AttemptLog } from "../attempt/attempt-log.ts";
import { Additions } from "./additions.ts";
import { childEnvironment, type Environment } from "./command.ts";
import { answerOfExit, describedExit } from "./exit-answer.ts";
import type { Guardian } from "./guardian.ts";
import { ProgramOutput } from "./program-output.ts";
import { type Program, type ProgramExit, startProgram } from "./program.ts";

/** What is the same for all programs of a worker. */
export interface ProgramSettings {
  readonly inherited: Environment;
  /** Milliseconds given to what a program leaves behind, and to the system to end a killed one. */
  readonly drainMs: number;
  readonly guardian: Guardian;
  /** Where nodes go that programs add. */
  readonly graphs: Pick<GraphAccess, "addNodes">;
}

/** One program to run. */
export interface ProgramAttempt {
  readonly request: AttemptRequest;
  readonly log: AttemptLog;
  readonly command: ChildCommand;
  readonly inputText: string;
  readonly resultsText: string | undefined;
  readonly settings: ProgramSettings;
}

/**
 * Runs the program to its end, or to the end of its grace.
 * @throws ExecutorError `ORR_EXEC_SPAWN` when it cannot be started
 */
export async function attemptProgram(attempt: ProgramAttempt): Promise<Outcome> {
  const { request, log, command, inputText, resultsText, settings } = attempt;
  const additions = new Additions({ graphs: settings.graphs, run: request.run, log });
  const output = new ProgramOutput({ log, onAddition: (addition) => additions.add(addition) });
  const environment = childEnvironment({
    inherited: settings.inherited,
    command,
    run: request.run,
    inputText,
    resultsText,
  });
  // One line each, so that a shell reads them one by one.
  const lines = resultsText === undefined ? inputText : `${inputText}\n${resultsText}`;
  const program = await startProgram({ command, environment, inputText: lines, output });
  const watch = settings.guardian.watch(program.group);
  try {
    const { exit, stopped } = await endOf(program, attempt);
    const statements = output.finish();
    const refusal = await additions.settled();
    if (exit === undefined) return interruptedOutcome(request.stop.signal);
    const answer = answerOfExit({ file: command.file, exit, statements, refusal });
    return stopped ? outcomeAfterAbort(answer, request.stop.signal) : answer.outcome;
  } finally {
    program.signalGroup("SIGKILL");
    program.release();
    watch[Symbol.dispose]();
  }
}

interface ProgramEnd {
  /** Undefined when the system has not ended the program in time after it was killed. */
  readonly exit: ProgramExit | undefined;
  /** Whether it had been asked to stop by then. */
  readonly stopped: boolean;
}

async function endOf(program: Program, attempt: ProgramAttempt): Promise<ProgramEnd> {
  const { request, log, settings } = attempt;
  const stop = stopOnAbort(program, attempt);
  try {
    const exit = await Promise.race([program.exited, stop.gaveUp]);
    const stopped = request.stop.signal.aborted;
    if (exit === undefined) return { exit, stopped };
    if (stopped && exit.exitCode !== 0 && exit.signal === null) {
      log.notice("warn", `the program ended with ${describedExit(exit)} while it was stopping`);
    }
    // Others of its group may hold the pipes open for ever; its own output is in them already.
    const drained = await isWithin(program.closed, { clock: request.clock, ms: settings.drainMs });
    if (!drained) log.notice("warn", "processes that the program left behind were killed");
    return { exit, stopped };
  } finally {
    stop[Symbol.dispose]();
  }
}

interface Stop extends Disposable {
  /** Resolves when the program is still there long after it was killed. */
  readonly gaveUp: Promise<undefined>;
}

/** On abort asks the group to stop, kills it after the grace, and at last stops to wait for it. */
function stopOnAbort(program: Program, attempt: ProgramAttempt): Stop {
  const { request, log, settings } = attempt;
  const { clock, graceMs } = request;
  const { signal } = request.stop;
  let timer: Disposable | undefined;
  let giveUp: (() => void) | undefined;
  const gaveUp = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });
  const kill = (): void => {
    const why = reasonOf(signal).message;
    log.notice("error", `the program ignored SIGTERM for ${graceMs} ms and was killed: ${why}`);
    program.signalGroup("SIGKILL");
    timer = clock.schedule(settings.drainMs, () => {
      log.notice("error", `process ${program.group} is still there after SIGKILL`);
      giveUp?.();
    });
  };
  const onAbort = (): void => {
    program.signalGroup("SIGTERM");
    timer = clock.schedule(graceMs, kill);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    gaveUp,
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", onAbort);
      timer?.[Symbol.dispose]();
    },
  };
}

function isWithin(
  done: Promise<void>,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.schedule(ms, () => resolve(false));
    void done.then(() => {
      timer[Symbol.dispose]();
      resolve(true);
    });
  });
}
