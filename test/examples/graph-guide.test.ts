/** The examples of docs/graph.md: each is run, and prints what its comments say. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const guide = readFileSync(`${root}docs/graph.md`, "utf8");
const examples = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

it("has examples of both modes, of plans and of tests", () => {
  const imported = examples.join("\n");
  for (const name of ["runGraph", "DependencyTaskGroup", "planGraph", "runOnClock"]) {
    expect(imported).toContain(name);
  }
  expect(examples[0]?.trim().split("\n").length).toBeLessThanOrEqual(12);
});

it.each(examples.map((code) => [code.split("\n").slice(2).join(" ").slice(0, 60), code]))(
  "prints what its comments say: %s…",
  async (_, code) => {
    const expected = [...code.matchAll(/; \/\/ (.+)$/gm)].map(([, text]) => text);
    const args = ["--conditions=orrery-source", "--input-type=module-typescript", "-e", code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const printed = stdout.split("\n");
    expect(printed.filter((line) => expected.includes(line))).toEqual(expected);
  },
);
