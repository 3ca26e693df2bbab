import fc from "fast-check";
import { expect, test } from "vitest";
import { OrreryError } from "../kernel/errors.ts";
import { matchingNames, readTaskTypeName, resolveName } from "./task-name.ts";

const names = [
  "jobs.alpha.loadAlpha",
  "jobs.beta.load",
  "jobs.beta.loadBeta",
  "mail.send",
  "report.mail.send",
  "checkSelf",
];

test.each([
  ["checkSelf", ["checkSelf"], "an exact name"],
  ["loadAlpha", ["jobs.alpha.loadAlpha"], "the last part"],
  ["alpha", ["jobs.alpha.loadAlpha"], "a part in the middle"],
  ["beta.load", ["jobs.beta.load"], "several parts"],
  ["jobs", ["jobs.alpha.loadAlpha", "jobs.beta.load", "jobs.beta.loadBeta"], "the first part"],
  ["load", ["jobs.beta.load"], "whole parts only: not loadAlpha"],
  ["load*", ["jobs.alpha.loadAlpha", "jobs.beta.load", "jobs.beta.loadBeta"], "a wildcard"],
  ["jobs.?eta.load", ["jobs.beta.load"], "a wildcard for one letter"],
  ["*", names.toSorted(), "everything"],
  ["mail.send", ["mail.send"], "an exact name, though another ends in it"],
  ["LOAD", [], "another case"],
  ["lo", [], "a piece of a part"],
  ["jobs.alpha.", [], "a part that is not there"],
  ["a|b", [], "letters that mean something in regular expressions"],
])("the pattern %s means %j: %s", (pattern, wanted) => {
  expect(matchingNames(pattern, names)).toEqual(wanted);
});

function refusal(work: () => unknown): OrreryError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("an ambiguous pattern is refused with the candidates, sorted", () => {
  const error = refusal(() => resolveName("beta", names));
  expect(error.code).toBe("ORR_CONFLICT_NAME");
  expect(error.details["candidates"]).toEqual(["jobs.beta.load", "jobs.beta.loadBeta"]);
  expect(error.message).toContain("jobs.beta.load, jobs.beta.loadBeta");
});

test("a pattern that means nothing is refused with what looks like it", () => {
  const error = refusal(() => resolveName("checkSefl", names));
  expect(error.code).toBe("ORR_NOT_FOUND_TASK_TYPE");
  expect(error.details["nearest"]).toEqual(["checkSelf"]);
  expect(error.message).toContain('did you mean "checkSelf"?');
});

test("every name resolves to itself, whatever else there is", () => {
  const part = fc.stringMatching(/^[a-z]{1,3}$/);
  const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (all) => {
      for (const each of all) expect(resolveName(each, all)).toBe(each);
    }),
  );
});

test("a pattern of many wildcards is refused rather than tried", () => {
  expect(matchingNames("*a".repeat(11), ["a".repeat(150)])).toEqual([]);
});

test.each(["load", "jobs.alpha.Load", "größe", "git/load-tar", "a", "$x", "_y", "名前", "a:b@c+d"])(
  "%s can be the name of a task type",
  (name) => {
    expect(readTaskTypeName(name, "name")).toBe(name);
  },
);

test.each(["", " load", "a b", "-a", ".a", "a*", "a?", "[a]", "a\nb", "a\0", 5, null])(
  "%j cannot be the name of a task type",
  (name) => {
    expect(refusal(() => readTaskTypeName(name, "name")).details["field"]).toBe("name");
  },
);
