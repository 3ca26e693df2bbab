import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { ConfigError } from "../kernel/errors.ts";
import { type LoadedConfig, loadConfig } from "./config-file.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "orrery-config-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

let fileCount = 0;

/** Loads a new file: a module that was imported once is never read again. */
async function load(text: string, extension = "mjs"): Promise<LoadedConfig> {
  fileCount += 1;
  const path = join(directory, `config-${fileCount}.${extension}`);
  await writeFile(path, text);
  return await loadConfig({ directory, path, clock: systemClock });
}

async function refusal(text: string): Promise<ConfigError> {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  if (error instanceof ConfigError) return error;
  throw error;
}

describe("loadConfig", () => {
  it("gives the defaults where no file is", async () => {
    expect(await loadConfig({ directory, clock: systemClock })).toEqual({
      path: undefined,
      directory,
      config: {},
    });
  });

  it("refuses a file that is named and not there", async () => {
    const missing = loadConfig({ directory, path: "nowhere.ts", clock: systemClock });
    await expect(missing).rejects.toMatchObject({ code: "ORR_CONFIG_FILE" });
  });

  it("finds the file of a directory by its name", async () => {
    const path = join(directory, "orrery.config.mjs");
    await writeFile(path, "export default { port: 7 }");
    const loaded = await loadConfig({ directory, clock: systemClock });
    expect(loaded).toEqual({ path, directory, config: { port: 7 } });
    await rm(path);
  });

  it("reads TypeScript, and everything that a file may say", async () => {
    const loaded = await load(
      `const port: number = 8000;
      export default {
        tasks: ["tasks", "more"],
        schedules: [{ key: "k", type: "t", input: { a: 1 } }],
        databaseUrl: "postgresql://localhost/x",
        schema: "jobs",
        host: "::1",
        port,
        requireToken: true,
        allowedHosts: ["jobs.example.org"],
        worker: { slotCount: 3, drainMs: 0 },
        retention: [{ name: "audit", keepDays: 3650 }],
        visits: { git: { task: "load-git", policies: { "stop-after-success": 1 } } },
      };`,
      "ts",
    );
    expect(loaded.config).toMatchObject({ port: 8000, tasks: ["tasks", "more"], schema: "jobs" });
    expect(Object.keys(loaded.config)).toHaveLength(11);
  });

  it.each([
    ["{ prot: 1 }", "prot", /prot is not a known field; did you mean "port"/],
    ["{ port: 70000 }", "port", /port must be a whole number from 0 to 65535, not 70000/],
    ["{ port: '80' }", "port", /not "80"/],
    ["{ tasks: 'tasks' }", "tasks", /tasks must be an array/],
    ["{ tasks: [''] }", "tasks[0]", /tasks\[0\] must be a text/],
    ["{ schema: 'My-Schema' }", "schema", /lowercase/],
    ["{ host: 7 }", "host", /host must be a text/],
    ["{ requireToken: 1 }", "requireToken", /true or false/],
    ["{ worker: { slotCuont: 1 } }", "worker.slotCuont", /did you mean "slotCount"/],
    ["{ worker: { slotCount: 0 } }", "worker.slotCount", /from 1 to 1000/],
    ["{ worker: { drainMs: -1 } }", "worker.drainMs", /from 0/],
    ["{ retention: [{ name: 'A', keepDays: 1 }] }", "retention[0].name", /lowercase/],
    ["{ retention: [{ name: 'a', keepDays: 0 }] }", "retention[0].keepDays", /from 1/],
    ["{ visits: { git: {} } }", "visits.git.task", /visits\.git\.task must be a text/],
    ["{ visits: [] }", "visits", /must be an object of visit types/],
    ["{ schedules: [{ type: 't' }] }", "schedules[0].key", /schedules\[0\]\.key/],
    ["{ schedules: [{ key: 'k' }] }", "schedules[0].type", /schedules\[0\]\.type/],
    ["{ schedules: [7] }", "schedules[0]", /must be a task/],
    [
      "{ schedules: [{ key: 'k', type: 't' }, { key: 'k', type: 't' }] }",
      "schedules[1].key",
      /unique/,
    ],
    ["[]", "the default export", /must be an object/],
    ["undefined", "the default export", /must be an object/],
  ])("refuses %s and names the field", async (text, field, message) => {
    const error = await refusal(`export default ${text}`);
    expect(error.code).toBe("ORR_CONFIG_INVALID");
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ field });
  });

  it("does not repeat an address that may hold a password", async () => {
    const error = await refusal("export default { databaseUrl: 'mysql://me:secret@host/x' }");
    expect(error.message).toContain("databaseUrl must begin with postgres://");
    expect(JSON.stringify([error.message, error.details])).not.toContain("secret");
  });

  it("tells what a file threw, and that it lacks a default export", async () => {
    expect(await refusal("throw new Error('on purpose')")).toMatchObject({
      code: "ORR_CONFIG_FILE",
      message: expect.stringContaining("on purpose"),
    });
    expect((await refusal("export const config = {}")).message).toMatch(/has no default export$/);
  });
});
