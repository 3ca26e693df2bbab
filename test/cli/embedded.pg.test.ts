/**
 * The command line on an embedded database of its own: what is kept between servers, and what a
 * command sees that opens the data directory itself.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { captureCli } from "./captured-shell.ts";
import { startServer } from "./spawned.ts";

let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "orrery-cli-"));
});

afterAll(async () => {
  await rm(data, { recursive: true, force: true });
});

test("a command opens the data directory once no server holds it", async () => {
  const env = { ORRERY_DATA: data, ORRERY_PORT: "0" };
  {
    await using server = await startServer({ args: ["--data", data], env: {} });
    await server.waitFor((line) => line["event"] === "run_ended");
    const locked = await captureCli(["task", "list", "--data", data]);
    expect(locked).toMatchObject({ exitCode: 7, out: "" });
    expect(locked.err).toContain("is in use");
    server.kill("SIGINT");
    expect(await server.ended).toMatchObject({ exitCode: 0, err: "" });
  }
  const list = await captureCli(["task", "list", "--json"], { env });
  expect(list.exitCode).toBe(0);
  expect(JSON.parse(list.out)).toMatchObject({
    items: [{ key: "fixture/later" }, { key: "fixture/greet", state: "completed" }],
  });
  const doctor = await captureCli(["doctor", "--json"], { env, directory: "/" });
  expect(JSON.parse(doctor.out)).toMatchObject({ ok: true });
  expect(doctor.out).toContain("can be used");
  const added = await captureCli(["task", "add", "greet", "-i", '{"name":7}'], { env });
  expect(added.exitCode).toBe(2);
});
