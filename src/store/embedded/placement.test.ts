/** Tests where a server keeps its things. */

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { holdsSocket, makeSocketDirectory, placeServer, socketIn } from "./placement.ts";
import { isRoot } from "./run-as.ts";

const nobody = { uid: 65_534, gid: 65_534 };

async function makeDirectory(mode: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-place-"));
  await chmod(directory, mode);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The matcher, typed as what it stands for. */
function containing(part: string): unknown {
  return expect.stringContaining(part);
}

test("a directory is made where it was asked for", async () => {
  const directory = join(await makeDirectory(0o711), "deep", "er");
  const placement = await placeServer({ directory, user: undefined });
  expect(placement.root).toBe(directory);
  expect((await stat(directory)).isDirectory()).toBe(true);
});

test("a path that is a file is refused", async () => {
  await expect(
    placeServer({ directory: import.meta.filename, user: undefined }),
  ).rejects.toMatchObject({ code: "ORR_CONFIG_DIRECTORY" });
});

test.each([
  ["/tmp/x", true],
  [`/tmp/${"x".repeat(103 - "/tmp//.s.PGSQL.5432".length)}`, true],
  [`/tmp/${"x".repeat(104 - "/tmp//.s.PGSQL.5432".length)}`, false],
  ["/tmp/with space", false],
  ["/tmp/with,comma", false],
  ["/tmp/ümlaut", false],
])("whether %s can hold a socket: %s", (directory, expected) => {
  expect(holdsSocket(directory)).toBe(expected);
});

test("a socket that does not fit gets a short directory, closed and always the same", async () => {
  const directory = join(await makeDirectory(0o711), "x".repeat(110));
  const placement = await placeServer({ directory, user: undefined });
  const first = await makeSocketDirectory(placement, undefined);
  onTestFinished(() => rm(first, { recursive: true, force: true }));
  expect(Buffer.byteLength(socketIn(first))).toBeLessThan(104);
  expect((await stat(first)).mode & 0o777).toBe(0o700);
  expect(await makeSocketDirectory(placement, undefined)).toBe(first);
  // Somebody opened it up: whoever reaches the socket is let in, so it is not used again.
  await chmod(first, 0o755);
  const second = await makeSocketDirectory(placement, undefined);
  onTestFinished(() => rm(second, { recursive: true, force: true }));
  expect(second).not.toBe(first);
});

describe.runIf(isRoot())("below a home that is closed to the server's user", () => {
  test("the directory moves once, also for many at once, and leaves a pointer", async () => {
    const directory = join(await makeDirectory(0o700), "project", ".orrery");
    const refuge = join(await makeDirectory(0o711), "refuge");
    const options = { directory, user: nobody, refuges: ["/dev/null/nowhere", refuge] };
    const placements = await Promise.all([1, 2, 3, 4].map(() => placeServer(options)));
    const roots = new Set(placements.map((placement) => placement.root));
    expect(roots.size).toBe(1);
    const [root = ""] = roots;
    expect(root.startsWith(`${refuge}/`)).toBe(true);
    expect(await readFile(join(directory, "relocated"), "utf8")).toBe(`${root}\n`);
    expect(await readdir(refuge)).toHaveLength(1);
    expect((await placeServer(options)).root).toBe(root);
  });

  test("a pointer whose target is gone is an error, never an empty database", async () => {
    const directory = join(await makeDirectory(0o700), ".orrery");
    const refuge = await makeDirectory(0o711);
    const options = { directory, user: nobody, refuges: [refuge] };
    const { root } = await placeServer(options);
    await rm(root, { recursive: true });
    await expect(placeServer(options)).rejects.toMatchObject({
      code: "ORR_CONFIG_DIRECTORY",
      message: containing(root),
    });
  });

  test("an existing database is not left behind", async () => {
    const directory = join(await makeDirectory(0o700), ".orrery");
    await mkdir(join(directory, "data"), { recursive: true });
    await expect(
      placeServer({ directory, user: nobody, refuges: [await makeDirectory(0o711)] }),
    ).rejects.toMatchObject({ code: "ORR_CONFIG_DIRECTORY" });
  });
});
