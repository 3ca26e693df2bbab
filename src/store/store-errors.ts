/** What PostgreSQL and its driver report, as our errors. */

import { messageOf, OrreryError, StoreError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";

/**
 * SQLSTATE classes and codes after which the same statement may succeed: connection exceptions,
 * serialization and deadlock, resources, operator intervention such as a restart or a time-out, a
 * transaction cut off by one, and a server that takes no writes because another one does by now.
 */
const transientState = /^(08|53|57|40001|40P01|55P03|25006|25P03|25P04)/;

/** Errors of the socket: the server is not there, or went away. */
const transientSystemCode = /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_)/;

/** What the driver says, without a code, when a connection breaks under a query. */
const transientMessage =
  /connection (terminated|error)|timeout (exceeded when trying to connect|expired)|not queryable/i;

/**
 * A row was refused by the partition that it was meant for when its statement began: another was
 * added for it meanwhile, which the next try finds. A constraint would be named.
 */
function isMisrouted(thrown: Readonly<Record<string, unknown>>): boolean {
  return (
    thrown["code"] === "23514" &&
    thrown["table"] !== undefined &&
    thrown["constraint"] === undefined
  );
}

/** The error for whatever a query threw; our own errors pass through. */
export function storeErrorOf(thrown: unknown, statementName: string): OrreryError {
  if (thrown instanceof OrreryError) return thrown;
  const code = isRecord(thrown) && typeof thrown["code"] === "string" ? thrown["code"] : "";
  const constraint =
    isRecord(thrown) && typeof thrown["constraint"] === "string" ? thrown["constraint"] : null;
  const sqlState = /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E");
  const message = messageOf(thrown);
  const transient = sqlState
    ? transientState.test(code) || (isRecord(thrown) && isMisrouted(thrown))
    : transientSystemCode.test(code) || transientMessage.test(message);
  return new StoreError(
    transient && !/^(23|40|55)/.test(code) ? "ORR_STORE_UNAVAILABLE" : "ORR_STORE_REFUSED",
    `${statementName}: ${message}`,
    { transient, cause: thrown, details: { sqlState: sqlState ? code : null, constraint } },
  );
}

/** Whether waiting and trying again may help. */
export function isTransient(thrown: unknown): boolean {
  return thrown instanceof StoreError && thrown.transient;
}
