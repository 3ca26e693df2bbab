/**
 * The errors of this interface. Three are named by its documentation and travel with status 400;
 * `SwhFault` stands for any other class that the reference would raise, under the class's name.
 * How they look on the wire is decided where the server answers.
 */

import type { ErrorCode } from "../../kernel/error-codes.ts";
import { InvalidInputError, OrreryError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { isSqlFaultName, type SqlFaultName } from "./sql-states.ts";

/** The scheduler refuses; the base of the two below. */
export class SchedulerException extends OrreryError {
  constructor(message: string, code: ErrorCode = "ORR_INPUT_INVALID", details: JsonObject = {}) {
    super(code, message, { details });
  }
}

/** The lister has changed since it was read: read it again. Code `ORR_CONFLICT_STALE`. */
export class StaleData extends SchedulerException {
  constructor(message = "Stale data; Lister state not updated") {
    super(message, "ORR_CONFLICT_STALE");
  }
}

/** No scheduling policy has this name. Code `ORR_INPUT_POLICY`. */
export class UnknownPolicy extends SchedulerException {
  constructor(message: string) {
    super(message, "ORR_INPUT_POLICY");
  }
}

/** Classes by which the reference refuses arguments and bodies, and the modules they stand in. */
const faultModules = {
  AssertionError: "builtins",
  AttributeError: "builtins",
  IndexError: "builtins",
  KeyError: "builtins",
  OverflowError: "builtins",
  RecursionError: "builtins",
  TypeError: "builtins",
  UnicodeDecodeError: "builtins",
  UnicodeEncodeError: "builtins",
  ValueError: "builtins",
  JSONDecodeError: "json.decoder",
  ExtraData: "msgpack.exceptions",
  FormatError: "msgpack.exceptions",
  StackError: "msgpack.exceptions",
  InternalServerError: "werkzeug.exceptions",
  RequestEntityTooLarge: "werkzeug.exceptions",
  AttributeTypeError: "attrs_strict._error",
  LiteralError: "attrs_strict._error",
  UnionError: "attrs_strict._error",
} as const;

/** One of those classes, or one by which its database does. */
export type FaultName = keyof typeof faultModules | SqlFaultName;

const modules: ReadonlyMap<string, string> = new Map(Object.entries(faultModules));

/** Whether a name is that of a fault. */
export function isFaultName(name: string): name is FaultName {
  return modules.has(name) || isSqlFaultName(name);
}

/** The module that a class stands in. */
export function faultModule(name: FaultName): string {
  return modules.get(name) ?? "psycopg.errors";
}

/** An argument or a body that the reference refuses with a class of this name. */
export class SwhFault extends InvalidInputError {
  /** The class's name, which old clients compare. */
  readonly fault: FaultName;

  constructor(fault: FaultName, message: string, details: JsonObject = {}) {
    super("ORR_INPUT_INVALID", message, { details });
    this.fault = fault;
  }
}
