/** What a definition wants started, checked, and the environment that it is started with. */

import { ExecutorError, messageOf } from "../../kernel/errors.ts";
import { invalidField } from "../../kernel/fields.ts";
import { readChildCommand } from "../../model/define-task.ts";
import type { ChildCommand } from "../../model/handler.ts";
import type { ClaimedRun } from "../../model/run.ts";

/** An environment as the system takes it. */
export type Environment = Readonly<Record<string, string>>;

/**
 * What every program gets of the worker's environment: where programs, files and the user's own
 * settings are found, and how text and time are shown. Passwords and tokens stay behind.
 */
const inheritedNames = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TMPDIR",
  "TZ",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_COLLATE",
  "LC_CTYPE",
  "LC_MESSAGES",
  "LC_NUMERIC",
  "LC_TIME",
]);

/** Bytes of JSON that also travel in a variable; more comes on standard input alone. */
const inputVariableBytesMax = 32_768;

/**
 * Calls a definition's `command` and checks what it answers.
 * @throws ExecutorError `ORR_EXEC_SPAWN` when it throws
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`, naming the field
 */
export function readCommand(command: (input: unknown) => unknown, params: unknown): ChildCommand {
  return readChildCommand(called(command, params), "command()");
}

/** The part of the worker's environment that programs get; `names` adds to the fixed list. */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Environment {
  const members = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (inheritedNames.has(name) || names.includes(name))
      ? [[name, value] as const]
      : [],
  );
  return Object.fromEntries(members);
}

/**
 * The whole environment of a program. What says which attempt this is wins over what the command
 * adds, and that wins over what is inherited.
 */
export function childEnvironment(of: {
  readonly inherited: Environment;
  readonly command: ChildCommand;
  readonly run: ClaimedRun;
  readonly inputText: string;
  readonly resultsText: string | undefined;
}): Environment {
  const { run, inputText, resultsText } = of;
  return {
    ...of.inherited,
    ...of.command.env,
    ORRERY_RUN_ID: String(run.id),
    ...(run.taskId === null ? {} : { ORRERY_TASK_ID: String(run.taskId) }),
    ORRERY_ATTEMPT: String(run.attempt),
    ORRERY_FENCE: String(run.fence),
    ...(isSmall(inputText) ? { ORRERY_INPUT: inputText } : {}),
    ...(resultsText !== undefined && isSmall(resultsText) ? { ORRERY_RESULTS: resultsText } : {}),
  };
}

function isSmall(text: string): boolean {
  return Buffer.byteLength(text) <= inputVariableBytesMax;
}

function called(command: (input: unknown) => unknown, params: unknown): unknown {
  let value: unknown;
  try {
    value = command(params);
  } catch (cause) {
    throw new ExecutorError("ORR_EXEC_SPAWN", `command() threw: ${messageOf(cause)}`, {
      details: { field: "command()" },
      cause,
    });
  }
  if (!(value instanceof Promise)) return value;
  // Nobody will look at its end, which must not be an unhandled rejection.
  value.catch(() => undefined);
  throw invalidField("command()", { expected: "an object, not the promise of one", value });
}
