/** Tests that a directory has one owner, whatever was left in it. */

import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { claimDirectory, type Ownership } from "./ownership.ts";
import { currentScope, ownIdentity } from "./process-table.ts";

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-owner-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function leaveClaim(
  directory: string,
  generation: number,
  text: string | object,
): Promise<void> {
  await mkdir(join(directory, "owner"), { recursive: true });
  const content = typeof text === "string" ? text : JSON.stringify(text);
  await writeFile(join(directory, "owner", `${generation}.json`), content);
}

function claim(directory: string, answering = false): Promise<Ownership> {
  return claimDirectory({ directory, answers: () => Promise.resolve(answering) });
}

async function expectLocked(claiming: Promise<Ownership>, pid: number): Promise<void> {
  await expect(claiming).rejects.toMatchObject({ code: "ORR_CONFIG_LOCKED", details: { pid } });
}

test("an owned directory is refused, naming the owner, until it is released", async () => {
  const directory = await makeDirectory();
  const first = await claim(directory);
  await expectLocked(claim(directory), process.pid);
  await first.release();
  await first.release();
  const second = await claim(directory);
  expect(second.generation).toBeGreaterThan(first.generation);
});

test("one of many contenders gets the directory", async () => {
  const directory = await makeDirectory();
  for (let round = 0; round < 20; round += 1) {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => claim(directory)));
    const owners = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(owners).toHaveLength(1);
    await owners[0]?.value.release();
  }
});

test("the claim of a process that is gone is taken over", async () => {
  const directory = await makeDirectory();
  const scope = await currentScope();
  // No process has this id: it is above every system's maximum.
  await leaveClaim(directory, 4, { owner: { pid: 2 ** 30, startedAt: "1", scope } });
  expect((await claim(directory)).generation).toBe(5);
});

test("a later process with the owner's id is not the owner", async () => {
  const directory = await makeDirectory();
  const owner = { ...(await ownIdentity()), startedAt: "long ago" };
  await leaveClaim(directory, 1, { owner });
  expect((await claim(directory)).generation).toBe(2);
});

test("an owner that cannot be looked up counts while its server answers", async () => {
  const directory = await makeDirectory();
  const owner = { pid: 17, startedAt: "1", scope: "another container" };
  await leaveClaim(directory, 1, { owner });
  await expectLocked(claim(directory, true), 17);
  expect((await claim(directory, false)).generation).toBe(2);
});

test.each(["", "{", "null", "[]", '{"owner":{"pid":"1"}}'])(
  "a claim cut short to %j is void",
  async (text) => {
    const directory = await makeDirectory();
    await leaveClaim(directory, 1, text);
    expect((await claim(directory)).generation).toBe(2);
  },
);

test("many owners in a row leave few files", async () => {
  const directory = await makeDirectory();
  for (let round = 0; round < 30; round += 1) await (await claim(directory)).release();
  expect((await readdir(join(directory, "owner"))).length).toBeLessThanOrEqual(8);
});
