import { expect, test } from "vitest";

import { errorClasses } from "../../tools/generate-errors.ts";
import { type ErrorCode, errorCodes } from "../kernel/error-codes.ts";
import { StoreError } from "../kernel/errors.ts";
import { decodeError, encodeError, errorOf } from "./error-record.ts";

const codes = Object.keys(errorCodes) as ErrorCode[];

test.each(codes)("%s comes back from the wire as it was, in the class that carries it", (code) => {
  const sent = errorOf(code, "no such thing", { details: { field: "tasks[3].key", value: 7 } });
  const came = decodeError(JSON.parse(JSON.stringify(encodeError(sent))));
  expect(came).toMatchObject({ code, message: sent.message, details: sent.details });
  const owner = errorClasses.find(({ prefixes }) => prefixes.some((each) => code.startsWith(each)));
  expect(came?.constructor.name).toBe(owner?.className);
});

test("a database that was away may be back, a refused statement may not", () => {
  const transient = codes
    .map((code) => errorOf(code, "", { details: {} }))
    .filter((error) => error instanceof StoreError && error.transient);
  expect(transient.map((error) => error.code)).toEqual(["ORR_STORE_UNAVAILABLE"]);
});

test.each([
  ["nothing", undefined],
  ["text", "no"],
  ["an unknown code", { error: { code: "ORR_NEW", message: "x", details: {} } }],
  ["no message", { error: { code: "ORR_INPUT_INVALID", details: {} } }],
  ["an error of another program", { error: "Bad Request", statusCode: 400 }],
])("%s is no error of ours", (_, body) => {
  expect(decodeError(body)).toBeUndefined();
});

test("details that are missing are empty", () => {
  const body = { error: { code: "ORR_INPUT_INVALID", message: "x" } };
  expect(decodeError(body)?.details).toEqual({});
});
