/**
 * Holds the house rules that have a number or a table: who imports whom, sizes, constructs, words,
 * titles. Each rule is shown to fail in test/tidy/rules.test.ts; here the repository must pass.
 */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isRecord } from "../src/kernel/json.ts";
import { renderErrors } from "../tools/generate-errors.ts";
import { exceptions, judge } from "./tidy/exceptions.ts";
import { allViolations } from "./tidy/repository.ts";
import { readSourceFiles } from "./tidy/source-file.ts";

const root = new URL("..", import.meta.url).pathname;

function keysOf(manifest: unknown, field: string): readonly string[] {
  const value = isRecord(manifest) ? manifest[field] : undefined;
  return isRecord(value) ? Object.keys(value) : [];
}

test("the repository keeps its house rules", { timeout: 60_000 }, () => {
  const manifest: unknown = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const dependencies = new Set(keysOf(manifest, "dependencies"));
  const packages = new Set([...dependencies, ...keysOf(manifest, "peerDependencies")]);
  const files = readSourceFiles(root);
  expect(files.length).toBeGreaterThan(20);
  const violations = allViolations(files, { name: "orrery", packages, dependencies });
  expect(judge(violations, exceptions)).toEqual([]);
});

test("docs/errors.md is what its generator writes", () => {
  expect(readFileSync(`${root}docs/errors.md`, "utf8")).toBe(renderErrors());
});
