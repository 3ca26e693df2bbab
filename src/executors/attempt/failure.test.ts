import { expect, test } from "vitest";

import { NotFoundError } from "../../kernel/errors.ts";
import { failureOf } from "./failure.ts";

test("an error of ours keeps its code, message, details and stack", () => {
  const thrown = new NotFoundError("ORR_NOT_FOUND_TASK", "no task 7", { details: { taskId: 7 } });
  expect(failureOf(thrown)).toEqual({
    kind: "failed",
    error: {
      code: "ORR_NOT_FOUND_TASK",
      message: "no task 7",
      details: { taskId: 7 },
      stack: thrown.stack,
    },
  });
});

test("another error keeps its name and the code of its own world in the details", () => {
  const thrown = Object.assign(new TypeError("no way"), { code: "ECONNREFUSED" });
  const { error } = failureOf(thrown);
  expect(error.code).toBe("ORR_EXEC_FAILED");
  expect(error.details).toEqual({ name: "TypeError", code: "ECONNREFUSED" });
});

test("the stack tells of the causes, a few levels deep", () => {
  const root = new RangeError("root");
  const { error } = failureOf(
    new TypeError("top", { cause: new SyntaxError("mid", { cause: root }) }),
  );
  expect(error.stack).toMatch(
    /TypeError: top[\s\S]+caused by: SyntaxError: mid[\s\S]+RangeError: root/,
  );
  const circular: { message: string; stack: string; cause?: unknown } = {
    message: "m",
    stack: "s",
  };
  circular.cause = circular;
  expect(failureOf(circular).error.stack?.match(/caused by/g)).toHaveLength(5);
});

test("an aggregate without a message has those of its errors", () => {
  const thrown = new AggregateError([new RangeError("::1 refused"), "127.0.0.1 refused"], "");
  expect(failureOf(thrown).error.message).toBe("::1 refused; 127.0.0.1 refused");
});

test("message, stack and details are bounded", () => {
  const thrown = new RangeError("m".repeat(10_000));
  thrown.stack = "s".repeat(100_000);
  Object.assign(thrown, { details: { text: "d".repeat(100_000) } });
  const { error } = failureOf(thrown);
  expect(error.message).toMatch(/^m{4096} … \[5904 letters cut\]$/);
  expect(error.stack).toMatch(/^s{16384} … \[83616 letters cut\]$/);
  expect(JSON.stringify(error.details)).toContain("detailsLeftOut");
  expect(JSON.stringify(error.details).length).toBeLessThan(500);
});

test("letters that the database refuses are replaced", () => {
  expect(failureOf(new RangeError("a\0b\ud83d")).error.message).toBe("a\ufffdb\ufffd");
});

const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new RangeError("hands off");
    },
  },
);

test.each([
  ["a text", "just text", "just text"],
  ["undefined", undefined, "undefined was thrown, no Error"],
  ["a number", 42, "42 was thrown, no Error"],
  ["a symbol", Symbol("s"), "Symbol(s) was thrown, no Error"],
  ["a plain object", { status: 500 }, '{"status":500} was thrown, no Error'],
  ["an error of another realm", { name: "Error", message: "far", stack: "at far" }, "far"],
  ["an object without a prototype", Object.create(null), "{} was thrown, no Error"],
  ["a proxy that throws", hostile, "something was thrown that cannot be read"],
])("%s becomes a failure that says so", (_, thrown, message) => {
  expect(failureOf(thrown).error.message).toBe(message);
});
