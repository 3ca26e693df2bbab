/** The Software Heritage RPC of a server process: where it stands, who may come. */

import { expect, inject, test } from "vitest";
import { SwhRemoteScheduler } from "../../src/compat/swh/remote/remote-scheduler.ts";
import { instantFromMillis } from "../../src/kernel/instant.ts";
import { dialects } from "../../src/compat/swh/wire/dialects.ts";
import { createDatabase } from "../postgres/database.ts";
import { runStatement } from "../postgres/template.ts";
import { send } from "../swh/raw-request.ts";
import { captureCli } from "./captured-shell.ts";
import { runCli, startServer } from "./spawned.ts";

const task = { type: "ping", arguments: { args: [1] }, nextRun: instantFromMillis(0) };
const type = { type: "ping", description: "Ping", backendName: "demo.ping" };

test("both dialects stand on the main port, and a named one on a port of its own", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const args = ["--no-worker", "--swh-listen", "127.0.0.1:0", "--swh-dialect", "seed"];
  await using server = await startServer({ args, env });
  const own = server.lines.find(({ event }) => event === "swh_listening");
  expect(own).toMatchObject({ dialect: "seed", level: "info" });
  const url = String(own?.["url"]);
  const onOwnPort = new SwhRemoteScheduler({ url, dialect: "seed" });
  await onOwnPort.createTaskType(type);
  const [created] = await onOwnPort.createTasks([task], "oneshot");
  expect(created).toMatchObject({ type: "ping", policy: "oneshot" });
  const seed = new SwhRemoteScheduler({ url: `${server.url}/swh-seed/`, dialect: "seed" });
  const current = new SwhRemoteScheduler({ url: `${server.url}/swh/`, dialect: "current" });
  expect(await seed.searchTasks()).toEqual([created]);
  expect(await current.searchTasks()).toEqual([created]);
  const page = await fetch(`${url}/`);
  expect(await page.text()).toContain("Software Heritage scheduler RPC server");
  server.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ exitCode: 0, err: "" });
});

test("clients that know only passwords send a token as one", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const args = ["token", "create", "lister", "--role", "operator"];
  const { out } = await captureCli(args, { env });
  const required = ["--swh-listen", "127.0.0.1:0", "--swh-dialect", "current"];
  await using server = await startServer({
    args: ["--no-worker", ...required, "--swh-require-token"],
    env,
  });
  const own = server.lines.find(({ event }) => event === "swh_listening");
  const options = { url: String(own?.["url"]), dialect: "current" } as const;
  const auth = { user: "anybody", password: out.trim() };
  expect(await new SwhRemoteScheduler({ ...options, auth }).getTaskTypes()).toEqual([]);
  const stranger = new SwhRemoteScheduler(options).getTaskTypes();
  await expect(stranger).rejects.toMatchObject({ code: "ORR_ACCESS_UNAUTHENTICATED" });
  const viewer = await captureCli(["token", "create", "page", "--role", "viewer"], { env });
  const looking = { user: "anybody", password: viewer.out.trim() };
  const looked = new SwhRemoteScheduler({ ...options, auth: looking }).getTaskTypes();
  await expect(looked).rejects.toMatchObject({ code: "ORR_ACCESS_FORBIDDEN" });
});

test("while the database is away clients are told to come again, and then answered", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  await using server = await startServer({ args: ["--no-worker"], env });
  const url = `${server.url}/swh/`;
  const once = new SwhRemoteScheduler({ url, dialect: "current", attemptCount: 1 });
  expect(await once.getTaskTypes()).toEqual([]);
  const { adminConnectionString } = inject("postgres");
  const allowing = async (isAllowed: boolean): Promise<void> => {
    const sql = `alter database ${database.name} with allow_connections ${String(isAllowed)}`;
    await runStatement(adminConnectionString, sql);
  };
  await allowing(false);
  await runStatement(
    adminConnectionString,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'`,
  );
  const answer = await send({ method: "POST", url: `${url}task_type/get_all` });
  expect(answer.status).toBe(503);
  const { msgpack } = dialects.current.encodings;
  expect(msgpack.read(answer.body)).toMatchObject({ type: "OperationalError" });
  await expect(once.getTaskTypes()).rejects.toMatchObject({ code: "ORR_STORE_UNAVAILABLE" });
  await allowing(true);
  const patient = { url, dialect: "current", retryDelayMs: 100, attemptCount: 100 } as const;
  expect(await new SwhRemoteScheduler(patient).getTaskTypes()).toEqual([]);
});

test.each([
  ["--swh-dialect must be current", ["--swh-listen", "127.0.0.1:0"]],
  ['not "old"', ["--swh-listen", "127.0.0.1:0", "--swh-dialect", "old"]],
  ["need --swh-listen", ["--swh-dialect", "seed"]],
  ["must be as 127.0.0.1:5008", ["--swh-listen", "5008", "--swh-dialect", "seed"]],
  ["must be as 127.0.0.1:5008", ["--swh-listen", "127.0.0.1:99999", "--swh-dialect", "seed"]],
  [
    "--swh-allow must be an address",
    ["--swh-listen", "127.0.0.1:0", "--swh-dialect", "seed", "--swh-allow", "everybody"],
  ],
])("a wrong setting is refused at start: %s", async (message, args) => {
  const { exitCode, err } = await captureCli(["serve", ...args]);
  expect(exitCode).not.toBe(0);
  expect(err).toContain(message);
});

test("beyond loopback the port opens only for addresses or for tokens", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const args = ["serve", "--port", "0", "--swh-listen", "0.0.0.0:0", "--swh-dialect", "current"];
  const { exitCode, err } = await runCli({ args, env });
  expect(exitCode).toBe(7);
  expect(err).toContain("say which addresses may come, or ask for tokens");
});
