/** What the shell is told: one number per kind of ending. `docs/cli.md` lists them. */

import type { ErrorCode } from "../kernel/error-codes.ts";
import { OrreryError } from "../kernel/errors.ts";

/** The exit codes of every command. */
export const exitCodes = {
  ok: 0,
  /** The work failed: a run ended badly, a check failed, something unforeseen. */
  failure: 1,
  /** The command line or the input is wrong. */
  usage: 2,
  notFound: 3,
  /** Neither server nor database answers. */
  unreachable: 4,
  /** The record's state, a duplicate or a full queue stands against it. */
  refused: 5,
  /** No token, or one whose role does not suffice. */
  access: 6,
  /** The configuration, the port or the data directory cannot be used. */
  configuration: 7,
  /** What was waited for did not happen in time. */
  timeout: 8,
  interrupted: 130,
} as const;

/** The exit code for whatever ended a command. */
export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof OrreryError ? exitCodeOfErrorCode(thrown.code) : exitCodes.failure;
}

/** By the prefix of the code, as the classes are; the exceptions come first. */
function exitCodeOfErrorCode(code: ErrorCode): number {
  if (code === "ORR_STORE_UNAVAILABLE") return exitCodes.unreachable;
  if (code === "ORR_STORE_VERSION") return exitCodes.configuration;
  const match = prefixes.find(([prefix]) => code.startsWith(prefix));
  return match === undefined ? exitCodes.failure : match[1];
}

const prefixes: readonly (readonly [prefix: string, exitCode: number])[] = [
  ["ORR_INPUT_", exitCodes.usage],
  ["ORR_NOT_FOUND_", exitCodes.notFound],
  ["ORR_CONFLICT_", exitCodes.refused],
  ["ORR_STATE_", exitCodes.refused],
  ["ORR_ACCESS_", exitCodes.access],
  ["ORR_CONFIG_", exitCodes.configuration],
  ["ORR_TIMEOUT_", exitCodes.timeout],
];
