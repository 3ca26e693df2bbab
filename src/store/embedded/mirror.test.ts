/** Tests the readable copy of the programs and its safety. */

import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { completeLibraryLinks, makeOwnDirectory, mirrorTree, parseLibraryLinks } from "./mirror.ts";

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-mirror-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("library links that would lead out of the installation are left out", () => {
  const good = { source: "native/lib/a.so.1", target: "native/lib/a.so" };
  const list = [
    good,
    { source: "native/../../etc/passwd", target: "native/lib/b.so" },
    { source: "/etc/passwd", target: "native/lib/c.so" },
    { source: "native/lib/a.so.1", target: 7 },
    "nonsense",
  ];
  expect(parseLibraryLinks(JSON.stringify(list))).toEqual([
    { source: "lib/a.so.1", target: "lib/a.so" },
  ]);
  expect(parseLibraryLinks("{}")).toEqual([]);
});

test("missing library links are made, relative, and present ones are kept", async () => {
  const native = await makeDirectory();
  await mkdir(join(native, "lib"));
  await writeFile(join(native, "lib", "a.so.1.2"), "library");
  await symlink("kept", join(native, "lib", "a.so.1"));
  const links = ["a.so", "a.so.1"].map((name) => ({
    source: "native/lib/a.so.1.2",
    target: `native/lib/${name}`,
  }));
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  expect(await completeLibraryLinks(native)).toBe(true);
  expect(await readlink(join(native, "lib", "a.so"))).toBe("a.so.1.2");
  expect(await readlink(join(native, "lib", "a.so.1"))).toBe("kept");
});

test("a link that cannot be made is told", async () => {
  const native = await makeDirectory();
  const links = [{ source: "native/lib/a.so.1", target: "native/lib/a.so" }];
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  expect(await completeLibraryLinks(native)).toBe(false);
});

test("a mirror is readable by all, and mends what is missing or cut short", async () => {
  const from = await makeDirectory();
  const to = await makeDirectory();
  await mkdir(join(from, "bin"), { mode: 0o700 });
  await writeFile(join(from, "bin", "program"), "run", { mode: 0o700 });
  await writeFile(join(from, "data"), "text", { mode: 0o600 });
  await writeFile(join(from, "public"), "shared", { mode: 0o644 });
  await Promise.all([mirrorTree({ from, to }), mirrorTree({ from, to })]);
  await rm(join(to, "data"));
  await rm(join(to, "public"));
  await writeFile(join(to, "public"), "sh");
  await mirrorTree({ from, to });
  expect((await stat(join(to, "bin"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(to, "bin", "program"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(to, "data"))).mode & 0o777).toBe(0o644);
  expect(await readFile(join(to, "public"), "utf8")).toBe("shared");
  expect((await stat(join(from, "data"))).mode & 0o777).toBe(0o600);
  expect((await readdir(to)).toSorted()).toEqual(["bin", "data", "public"]);
});

test("a directory that others could have prepared is not used", async () => {
  const place = await makeDirectory();
  const fresh = join(place, "fresh");
  expect(await makeOwnDirectory(fresh)).toBe(true);
  expect(await makeOwnDirectory(fresh)).toBe(true);
  const linked = join(place, "linked");
  await symlink(fresh, linked);
  expect(await makeOwnDirectory(linked)).toBe(false);
  await chmod(fresh, 0o777);
  expect(await makeOwnDirectory(fresh)).toBe(false);
  expect(await makeOwnDirectory(join(place, "no", "parent"))).toBe(false);
});
