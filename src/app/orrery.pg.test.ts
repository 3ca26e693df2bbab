import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createDatabase } from "../../test/postgres/database.ts";
import { defineTask } from "../model/define-task.ts";
import { uneventful } from "../model/outcome.ts";
import { Orrery } from "./orrery.ts";
import type { OrreryOptions } from "./orrery-options.ts";

const add = defineTask({
  name: "add",
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  run: ({ params }) => params.a + params.b,
});

async function open(options: OrreryOptions = {}): Promise<Orrery> {
  const database = await createDatabase();
  const orrery = await Orrery.open({
    databaseUrl: database.connectionString,
    tasks: [add],
    ...options,
  });
  onTestFinished(async () => {
    await orrery.close({ drainMs: 0 });
    await database[Symbol.asyncDispose]();
  });
  return orrery;
}

test("a run of a definition answers what its handler returned", async () => {
  const orrery = await open();
  expect(await orrery.run(add, { a: 2, b: 3 })).toBe(5);
  expect(await orrery.run(add, { a: 2 })).toBe(3);
});

test("the wait for a run rejects with the error of its last attempt", async () => {
  const broken = defineTask({
    name: "broken",
    retry: { limit: 0 },
    run: () => {
      throw new TypeError("no such host");
    },
  });
  const orrery = await open({ tasks: [broken] });
  await expect(orrery.run(broken, null)).rejects.toMatchObject({
    code: "ORR_EXEC_FAILED",
    message: "no such host",
  });
});

test("input is checked before anything is stored", async () => {
  const orrery = await open({ worker: false });
  const wrong: unknown = { a: "two" };
  // oxlint-disable-next-line no-unsafe-type-assertion -- wrong on purpose
  await expect(orrery.create(add, wrong as { a: number })).rejects.toMatchObject({
    code: "ORR_INPUT_ARGUMENTS",
    details: { field: "input.a", value: "two" },
  });
  expect((await orrery.listTasks()).items).toEqual([]);
});

test("tasks of a caller's transaction are there exactly if it commits", async () => {
  const orrery = await open({ worker: false });
  await using client = await connected(orrery.connectionString);
  for (const end of ["rollback", "commit"] as const) {
    await client.query("begin");
    await orrery.within(client).create(add, { a: 1 }, { key: end });
    expect((await orrery.listTasks({ key: end })).items).toHaveLength(0);
    await client.query(end);
    expect((await orrery.listTasks({ key: end })).items).toHaveLength(end === "commit" ? 1 : 0);
  }
});

async function connected(connectionString: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

test("without a worker and without firing nothing is executed", async () => {
  const orrery = await open({ worker: false });
  const [id] = await orrery.enqueue([{ type: "add", input: { a: 1 } }]);
  await expect(orrery.waitForRun(Number(id), { timeoutMs: 100 })).rejects.toMatchObject({
    code: "ORR_TIMEOUT_WAIT",
  });
  expect((await orrery.getSystem()).workers).toEqual([]);
});

/** Something that a test waits for until another part of it says so. */
function gate(): { readonly opened: Promise<void>; readonly pass: () => void } {
  let pass = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { opened, pass };
}

test("closing lets a running handler end, and refuses every later call", async () => {
  const started = gate();
  const go = gate();
  const slow = defineTask({
    name: "slow",
    run: async () => {
      started.pass();
      await go.opened;
      return uneventful("done");
    },
  });
  const orrery = await open({ tasks: [slow] });
  const result = orrery.run(slow, null);
  await started.opened;
  const closing = orrery.close({ drainMs: 10_000 });
  expect(orrery.close()).toBe(closing);
  go.pass();
  expect(await result).toBe("done");
  await closing;
  await expect(orrery.getSystem()).rejects.toMatchObject({ code: "ORR_STATE_CLOSED" });
  await expect(orrery.swh.getTaskTypes()).rejects.toMatchObject({ code: "ORR_STATE_CLOSED" });
  expect(() => orrery.followRuns()).toThrow("has been closed");
});

test("how long runs of Software Heritage are kept stays as it was said last", async () => {
  await using database = await createDatabase();
  const kept = async (swh: OrreryOptions["swh"]): Promise<unknown> => {
    const databaseUrl = database.connectionString;
    await using _ = await Orrery.open({ databaseUrl, ...(swh === undefined ? {} : { swh }) });
    const [row] = await database.query("select swh_run_keep_days from orrery.installation");
    return row?.["swh_run_keep_days"];
  };
  const rows = [await kept(undefined), await kept({ keepRunsDays: 30 }), await kept({})];
  expect([...rows, await kept({ keepRunsDays: null })]).toEqual([null, 30, 30, null]);
});

test("a wait that is under way when the scheduler closes is refused", async () => {
  const orrery = await open({ worker: false });
  const [id] = await orrery.enqueue([{ type: "add", input: { a: 1 } }]);
  const refusal = orrery.waitForRun(Number(id)).catch((thrown: unknown) => thrown);
  await orrery.close();
  expect(await refusal).toMatchObject({ code: "ORR_STATE_CLOSED" });
});

test("what runs is told to the listener", async () => {
  const kinds = new Set<string>();
  const orrery = await open({ onEvent: (event) => kinds.add(event.kind) });
  await orrery.run(add, { a: 1 });
  await orrery.close();
  expect([...kinds]).toEqual(
    expect.arrayContaining(["worker_started", "run_started", "run_ended", "worker_stopped"]),
  );
});

test("definitions are registered with their settings and retention classes", async () => {
  const kept = defineTask({ name: "kept", retentionClass: "weekly", run: () => undefined });
  const orrery = await open({
    tasks: [kept],
    worker: false,
    retention: [{ name: "weekly", keepDays: 7 }],
  });
  expect(await orrery.getTaskType("kept")).toMatchObject({
    name: "kept",
    retentionClass: "weekly",
    pausedAt: null,
  });
});

test("opening fails as a whole when the database is away", async () => {
  const databaseUrl = "postgres://nobody@127.0.0.1:1/nothing";
  await expect(Orrery.open({ databaseUrl })).rejects.toMatchObject({
    code: "ORR_STORE_UNAVAILABLE",
  });
});

test("the embedded database starts from nothing and keeps what it was given", async () => {
  const directory = await mkdtemp(join(tmpdir(), "orrery-open-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const dataDirectory = join(directory, "data");
  {
    await using orrery = await Orrery.open({ dataDirectory, tasks: [add], worker: false });
    await orrery.create(add, { a: 1 }, { key: "kept" });
    await expect(Orrery.open({ dataDirectory, worker: false })).rejects.toMatchObject({
      code: "ORR_CONFIG_LOCKED",
    });
  }
  await using again = await Orrery.open({ dataDirectory, worker: false });
  expect((await again.listTasks({ key: "kept" })).items).toHaveLength(1);
});
