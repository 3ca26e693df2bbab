import { expect, test } from "vitest";

import { inheritedEnvironment, readCommand } from "./command.ts";

test("a command comes back with what it names", () => {
  const command = { file: "git", args: ["fetch", ""], env: { LANG: "C" }, cwd: "/srv" };
  expect(readCommand((input) => (input === 7 ? command : null), 7)).toEqual(command);
  expect(readCommand(() => ({ file: "git" }), 7)).toEqual({ file: "git", args: [] });
});

test.each([
  ["nothing", undefined, "command() must be an object"],
  ["a command line", "git fetch", "command() must be an object"],
  ["no file", { args: [] }, "command().file must be a text"],
  ["an empty file", { file: "", args: [] }, "command().file must be a text"],
  ["arguments in one text", { file: "git", args: "fetch" }, "command().args must be an array"],
  ["a number", { file: "git", args: ["a", 1] }, "command().args[1] must be a text"],
  ["NUL", { file: "git", args: ["a\0b"] }, "command().args[0] must be text without NUL"],
  ["a huge argument", { file: "git", args: ["x".repeat(131_072)] }, "at most 100000 letters"],
  ["too many", { file: "git", args: Array.from({ length: 10_001 }, () => "") }, "10000 items"],
  ["variables in a list", { file: "git", args: [], env: ["A=1"] }, "command().env must be"],
  ["a number as variable", { file: "git", args: [], env: { A: 1 } }, "command().env.A must be"],
  ["a URL as folder", { file: "git", args: [], cwd: new URL("file:///") }, "command().cwd must be"],
  ["an unknown member", { file: "git", args: [], envs: {} }, 'did you mean "env"'],
])("%s is refused with its place", (_, value, message) => {
  expect(() => readCommand(() => value, null)).toThrow(message);
});

test("a promise is refused, and its failure is nobody's unhandled rejection", () => {
  const late = (): Promise<never> => Promise.reject(new RangeError("x"));
  expect(() => readCommand(late, null)).toThrow("not the promise of one");
});

test("only named variables are inherited, and those without a value are not", () => {
  const environment = { PATH: "/bin", TZ: undefined, PGPASSWORD: "x", EXTRA: "1", LC_ALL: "C" };
  expect(inheritedEnvironment(environment, ["EXTRA"])).toEqual({
    PATH: "/bin",
    LC_ALL: "C",
    EXTRA: "1",
  });
});
