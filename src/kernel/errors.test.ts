/** The errors and their one table: each code has one class, one page entry and one meaning. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorClasses } from "../../tools/generate-errors.ts";
import { errorCodes, isErrorCode } from "./error-codes.ts";
import * as errors from "./errors.ts";
import { LeaseLostError, messageOf, NotFoundError, OrreryError, StoreError } from "./errors.ts";

const codes = Object.entries(errorCodes);
const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

describe.each(codes)("%s", (code, entry) => {
  test(`${code} belongs to exactly one class`, () => {
    const owners = errorClasses.filter(({ prefixes }) =>
      prefixes.some((prefix) => code.startsWith(prefix)),
    );
    expect(owners).toHaveLength(1);
  });

  test(`${code} is documented with its status and meaning`, () => {
    expect(page).toContain(`| \`${code}\` | ${entry.httpStatus} | ${entry.meaning} |`);
  });

  test(`${code} has a status that tells a failure, and a sentence`, () => {
    expect(entry.httpStatus).toBeGreaterThanOrEqual(400);
    expect(entry.httpStatus).toBeLessThan(600);
    expect(entry.meaning).toMatch(/^[A-Z].{10,}\.$/);
    expect(code).toMatch(/^ORR(_[A-Z]+)+$/);
  });
});

test("every class of the page is exported and is an OrreryError", () => {
  const exported = new Map<string, unknown>(Object.entries(errors));
  for (const { className } of errorClasses) {
    const found = exported.get(className);
    const base: unknown = typeof found === "function" ? Object.getPrototypeOf(found) : undefined;
    expect({ className, base }).toEqual({ className, base: OrreryError });
  }
});

test("every class that is exported stands on the page", () => {
  const exported = Object.keys(errors).filter((name) => /^[A-Z]/.test(name));
  const documented = errorClasses.map(({ className }) => className);
  expect(exported.toSorted()).toEqual(["OrreryError", ...documented].toSorted());
});

test("an error carries code, details, cause, status and the name of its class", () => {
  const cause = new RangeError("deep");
  const details = { taskId: 7 };
  const error = new NotFoundError("ORR_NOT_FOUND_TASK", "no task 7", { details, cause });
  expect(error).toBeInstanceOf(OrreryError);
  expect(error).toMatchObject({ name: "NotFoundError", code: "ORR_NOT_FOUND_TASK", details });
  expect(error.cause).toBe(cause);
  expect(error.httpStatus).toBe(404);
  expect(String(error)).toBe("NotFoundError: no task 7");
});

test("an error without context has empty details and no cause at all", () => {
  const error = new LeaseLostError("ORR_LEASE_LOST", "gone");
  expect(error.details).toEqual({});
  expect(Object.hasOwn(error, "cause")).toBe(false);
});

test.each([true, false])("a store error says whether to try again: %s", (transient) => {
  expect(new StoreError("ORR_STORE_REFUSED", "no", { transient }).transient).toBe(transient);
});

test("only codes of the table are codes", () => {
  expect(codes.every(([code]) => isErrorCode(code))).toBe(true);
  const others = ["ORR_NONE", "toString", "__proto__", "", 7, null, undefined];
  expect(others.filter((code) => isErrorCode(code))).toEqual([]);
});

test("whatever was thrown has a message", () => {
  expect([new Error("a"), "b", 3, null, undefined].map(messageOf)).toEqual(
    "a b 3 null undefined".split(" "),
  );
});
