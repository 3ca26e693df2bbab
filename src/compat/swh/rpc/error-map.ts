/**
 * Errors as the wire has them: a status, and a map of class name, module, arguments, message and
 * traceback. The traceback says no more than the message: what is private stays in our logs.
 */

import {
  AccessError,
  InvalidInputError,
  messageOf,
  NotFoundError,
  OrreryError,
  StoreError,
} from "../../../kernel/errors.ts";
import { faultModule, SchedulerException, SwhFault } from "../errors.ts";
import { sqlFaultName } from "../sql-states.ts";
import type { WireObject } from "../wire/wire-value.ts";

/** What the wire says of an error. */
export interface WireError {
  readonly status: number;
  readonly type: string;
  readonly module: string;
  readonly message: string;
  /** Whether old clients can make the error again from its message. */
  readonly hasArguments: boolean;
}

/** The map that is sent. */
export function errorMap({ type, module, hasArguments, ...error }: WireError): WireObject {
  // It may repeat a caller's text, cut in the middle of a letter.
  const message = error.message.toWellFormed();
  return {
    type,
    module,
    args: hasArguments ? [message] : [],
    message,
    traceback: [`${module}.${type}: ${message}`],
  };
}

/** What the wire says of whatever was thrown. */
export function wireErrorOf(thrown: unknown): WireError {
  const message = messageOf(thrown);
  if (thrown instanceof SchedulerException) {
    return known({ status: 400, type: thrown.name, module: "swh.scheduler.exc", message });
  }
  if (thrown instanceof SwhFault) return faultError(thrown);
  if (thrown instanceof StoreError) return storeError(thrown);
  if (thrown instanceof NotFoundError) return notFoundError(message);
  if (thrown instanceof AccessError) return accessError(thrown);
  if (thrown instanceof InvalidInputError) return inputError(thrown);
  return known({ ...internal, message: "the server encountered an internal error" });
}

const internal = { status: 500, type: "InternalServerError", module: "werkzeug.exceptions" };

function known(error: Omit<WireError, "hasArguments">): WireError {
  return { ...error, hasArguments: true };
}

/** The reference cannot send the arguments of these, and then forgets what the error was. */
const forgotten = new Set(["AttributeTypeError", "UnionError"]);

function faultError({ fault, message }: SwhFault): WireError {
  if (forgotten.has(fault)) return { ...internal, message, hasArguments: false };
  if (fault === "RequestEntityTooLarge") {
    return known({ ...internal, status: 413, type: fault, message });
  }
  return known({ status: 500, type: fault, module: faultModule(fault), message });
}

/** The error for a path that the interface does not have. */
export function notFoundError(message: string): WireError {
  return { ...internal, status: 404, type: "NotFound", message, hasArguments: false };
}

/** The error for a verb that a path does not take. */
export function methodNotAllowedError(message: string): WireError {
  return { ...internal, status: 405, type: "MethodNotAllowed", message, hasArguments: false };
}

function accessError(error: AccessError): WireError {
  const isUnknown = error.code === "ORR_ACCESS_UNAUTHENTICATED";
  const type = isUnknown ? "Unauthorized" : "Forbidden";
  const status = isUnknown ? 401 : 403;
  return { ...internal, status, type, message: error.message, hasArguments: false };
}

function inputError(error: InvalidInputError): WireError {
  const { code, message } = error;
  if (code === "ORR_INPUT_TOO_LARGE") {
    return known({ ...internal, status: 413, type: "RequestEntityTooLarge", message });
  }
  return known({ status: 500, type: "ValueError", module: "builtins", message });
}

/** Classes of SQLSTATE that the reference's driver counts as the database not being there. */
const operational = /^(08|40|53|55|57|58|25P0[34])/;

function storeError(error: StoreError): WireError {
  const { sqlState } = error.details;
  const state = typeof sqlState === "string" ? sqlState : "";
  const type = sqlFaultName(state);
  const { message } = error;
  if (type !== undefined) return known({ status: 500, type, module: "psycopg.errors", message });
  const isAway = operational.test(state) || (state === "" && error.transient);
  if (!isAway) return known({ status: 500, type: "DatabaseError", module: "psycopg", message });
  // The driver's message would tell where the database is.
  const away = "the database cannot be reached, or could not do this now";
  return known({ status: 503, type: "OperationalError", module: "psycopg", message: away });
}

/** Whether somebody should look at it: neither the caller's fault nor the database's. */
export function isOurFault(thrown: unknown): boolean {
  return !(thrown instanceof OrreryError) || thrown.code === "ORR_BUG_INVARIANT";
}
