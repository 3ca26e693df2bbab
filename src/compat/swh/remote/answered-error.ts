/**
 * Errors of a server as ours: what the local scheduler would have thrown, as far as the map of the
 * wire tells.
 */

import {
  AccessError,
  NotFoundError,
  type OrreryError,
  ProtocolError,
  StoreError,
} from "../../../kernel/errors.ts";
import { isFaultName, SchedulerException, StaleData, SwhFault, UnknownPolicy } from "../errors.ts";
import { isWireObject, type WireObject, type WireValue } from "../wire/wire-value.ts";

/** Letters of an answer that an error repeats. */
const shownLettersMax = 500;

/** The error of an answer whose status is not one of success. */
export function answeredError(status: number, answer: WireValue): OrreryError {
  if (status === 404) {
    return new NotFoundError("ORR_NOT_FOUND_ROUTE", "the server has no such method");
  }
  const type = isWireObject(answer) ? textAt(answer, "type") : "";
  const message = messageOf(answer);
  if (status === 401 || status === 403) return accessError(status, message);
  if (status === 502 || status === 503) {
    return new StoreError("ORR_STORE_UNAVAILABLE", message, {
      transient: true,
      details: { status, type },
    });
  }
  return namedError({ type, message }) ?? otherError(status, message);
}

function messageOf(answer: WireValue): string {
  if (typeof answer === "string") return answer.slice(0, shownLettersMax);
  return isWireObject(answer) ? textAt(answer, "message") : "";
}

function textAt(map: WireObject, key: string): string {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return typeof value === "string" ? value.slice(0, shownLettersMax) : "";
}

function accessError(status: number, message: string): AccessError {
  const said = message === "" ? "the server refuses" : message;
  return status === 401
    ? new AccessError("ORR_ACCESS_UNAUTHENTICATED", said)
    : new AccessError("ORR_ACCESS_FORBIDDEN", said);
}

function namedError(named: {
  readonly type: string;
  readonly message: string;
}): OrreryError | undefined {
  const { type, message } = named;
  switch (type) {
    case "SchedulerException":
      return new SchedulerException(message);
    case "StaleData":
      return new StaleData(message);
    case "UnknownPolicy":
      return new UnknownPolicy(message);
    default:
      return isFaultName(type) ? new SwhFault(type, message) : undefined;
  }
}

function otherError(status: number, message: string): ProtocolError {
  return new ProtocolError("ORR_PROTO_RESPONSE", `the server answered ${status}: ${message}`, {
    details: { status },
  });
}
