import { expect, test } from "vitest";
import {
  AccessError,
  InvalidInputError,
  InvariantError,
  StoreError,
} from "../../../kernel/errors.ts";
import { SchedulerException, StaleData, SwhFault, UnknownPolicy } from "../errors.ts";
import { errorMap, isOurFault, wireErrorOf } from "./error-map.ts";

function refusedState(sqlState: string): StoreError {
  const details = { sqlState, constraint: null };
  return new StoreError("ORR_STORE_REFUSED", "statement: message", { transient: false, details });
}

test.each<[unknown, number, string]>([
  [new SchedulerException("x"), 400, "SchedulerException"],
  [new StaleData(), 400, "StaleData"],
  [new UnknownPolicy("x"), 400, "UnknownPolicy"],
  [new SwhFault("KeyError", "x"), 500, "KeyError"],
  [new SwhFault("NumericValueOutOfRange", "x"), 500, "NumericValueOutOfRange"],
  [new SwhFault("UnionError", "x"), 500, "InternalServerError"],
  [new SwhFault("AttributeTypeError", "x"), 500, "InternalServerError"],
  [refusedState("23505"), 500, "UniqueViolation"],
  [refusedState("57014"), 500, "QueryCanceled"],
  [refusedState("40P01"), 503, "OperationalError"],
  [refusedState("53300"), 503, "OperationalError"],
  [refusedState("42P01"), 500, "DatabaseError"],
  [new InvalidInputError("ORR_INPUT_INVALID", "x"), 500, "ValueError"],
  [new InvalidInputError("ORR_INPUT_TOO_LARGE", "x"), 413, "RequestEntityTooLarge"],
  [new AccessError("ORR_ACCESS_UNAUTHENTICATED", "x"), 401, "Unauthorized"],
  [new AccessError("ORR_ACCESS_FORBIDDEN", "x"), 403, "Forbidden"],
  [new TypeError("x"), 500, "InternalServerError"],
])("%s travels with status %i as %s", (thrown, status, type) => {
  expect(wireErrorOf(thrown)).toMatchObject({ status, type });
});

test("what a model refuses says which field, although old clients get no arguments", () => {
  const map = errorMap(wireErrorOf(new SwhFault("UnionError", "Task.priority must be a text")));
  expect(map).toMatchObject({ args: [], message: "Task.priority must be a text" });
});

test("where the database is, and what a bug says, is told to nobody", () => {
  const away = new StoreError("ORR_STORE_UNAVAILABLE", "connect ECONNREFUSED 10.0.0.1:5432", {
    transient: true,
  });
  for (const thrown of [away, new InvariantError("ORR_BUG_INVARIANT", "10.0.0.1"), "10.0.0.1"]) {
    expect(JSON.stringify(errorMap(wireErrorOf(thrown)))).not.toContain("10.0.0.1");
  }
  expect([isOurFault(away), isOurFault(new TypeError("x"))]).toEqual([false, true]);
});

test("a message that was cut inside a letter can still be sent", () => {
  const { message } = errorMap(wireErrorOf(new SwhFault("KeyError", "\ud83d")));
  expect(message).toBe("\ufffd");
});
