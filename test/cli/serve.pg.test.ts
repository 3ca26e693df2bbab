/**
 * Servers and workers as processes: what they tell, how they end. Each test has a database of its
 * own; the tasks are those of the fixtures' project.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../postgres/database.ts";
import { captureCli } from "./captured-shell.ts";
import { projectDirectory, runCli, type RunningCli, startCli, startServer } from "./spawned.ts";

test("a server tells one line per thing worth knowing and names what is broken", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  await using server = await startServer({ args: [], env });
  const byEvent = (event: string): readonly unknown[] =>
    server.lines.filter((line) => line["event"] === event);
  expect(byEvent("database")).toMatchObject([{ kind: "url", database: database.name }]);
  expect(byEvent("task_types")).toMatchObject([
    { names: ["greet", "refuse", "takeTime", "waitForAnswer", "waitForStop"] },
  ]);
  expect(byEvent("module_broken")).toMatchObject([{ level: "error" }]);
  expect(JSON.stringify(byEvent("module_broken"))).toContain("not-there.js");
  expect(byEvent("schedule_left")).toMatchObject([{ key: "fixture/broken" }]);
  expect(byEvent("schedules")).toMatchObject([{ count: 2, added: 2 }]);
  expect(byEvent("ready")).toMatchObject([{ nextFireAt: "2999-01-01T00:00:00.000000Z" }]);
  const ended = await server.waitFor((line) => line["event"] === "run_ended");
  expect(ended).toMatchObject({ type: "greet", outcome: "eventful", attempt: 1 });
});

test("an interrupted server lets running work end and exits 0; the next goes on", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  {
    await using server = await startServer({ args: ["--verbose"], env });
    const added = ["task", "add", "takeTime", "--input", '{"ms":700}', "--server", server.url];
    expect(await captureCli(added)).toMatchObject({ exitCode: 0 });
    await server.waitFor((line) => line["event"] === "run_started" && line["type"] === "takeTime");
    server.kill("SIGTERM");
    const { exitCode, err } = await server.ended;
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const ends = server.lines
      .filter((line) => line["type"] === "takeTime")
      .map((line) => line["event"]);
    expect(ends).toEqual(["run_started", "run_ended"]);
  }
  await using next = await startServer({ args: [], env });
  expect(next.lines.find((line) => line["event"] === "schedules")).toMatchObject({ added: 0 });
  const { out } = await captureCli(["run", "list", "--json", "--server", next.url]);
  expect(JSON.parse(out)).toMatchObject({ items: [{ type: "takeTime" }, { type: "greet" }] });
});

test("a server visits what the configuration says, and knows what came of it", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const directory = fileURLToPath(new URL("fixtures/visiting/", import.meta.url));
  await using server = await startServer({ args: ["--verbose"], env, directory });
  const at = ["--server", server.url];
  const line = JSON.stringify({ url: "https://example.org/a.git", visitType: "git" });
  const imported = await captureCli(["visit", "import", "-", "--lister", "forge", ...at], {
    input: line,
  });
  expect(imported).toMatchObject({ exitCode: 0 });
  const ended = await server.waitFor((each) => each["event"] === "run_ended");
  expect(ended).toMatchObject({ type: "loadGit", outcome: "eventful" });
  const stats = ["visit", "stats", "git", "https://example.org/a.git", "--json", ...at];
  expect(JSON.parse((await captureCli(stats)).out)).toMatchObject({
    items: [{ lastVisitStatus: "successful", lastSnapshot: "ab12" }],
  });
});

test("a second interrupt ends a server at once", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  await using server = await startServer({ args: ["--verbose", "--drain", "1h"], env });
  const added = ["task", "add", "takeTime", "--input", '{"ms":3600000}', "--server", server.url];
  expect(await captureCli(added)).toMatchObject({ exitCode: 0 });
  await server.waitFor((line) => line["event"] === "run_started" && line["type"] === "takeTime");
  server.kill("SIGINT");
  await server.waitFor((line) => line["event"] === "stopping");
  server.kill("SIGINT");
  expect(await server.ended).toMatchObject({ exitCode: 130 });
});

test("a worker without HTTP does what a server without worker stores", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  await using server = await startServer({ args: ["--no-worker"], env });
  await using worker = startCli({ args: ["worker", "--slots", "2"], env });
  const ended = await worker.waitFor((line) => line["event"] === "run_ended");
  expect(ended).toMatchObject({ type: "greet", outcome: "eventful" });
  const { out } = await captureCli(["status", "--json", "--server", server.url]);
  expect(JSON.parse(out)).toMatchObject({ workers: [{ state: "live", slotCount: 2 }] });
  worker.kill("SIGINT");
  expect(await worker.ended).toMatchObject({ exitCode: 0, err: "" });
});

test("a taken port is a clear error with an exit code of its own", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  await using server = await startServer({ args: ["--no-worker"], env });
  const port = new URL(server.url).port;
  const { exitCode, err } = await runCli({ args: ["serve"], env: { ...env, ORRERY_PORT: port } });
  expect(exitCode).toBe(7);
  expect(err).toContain(`error: port ${port} on 127.0.0.1 is taken`);
  expect(err).toContain("--port or ORRERY_PORT");
  expect(err).not.toContain("    at ");
});

test("a server refuses to be reachable from elsewhere until there is a token", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const refused = await runCli({ args: ["serve", "--port", "0", "--host", "0.0.0.0"], env });
  expect(refused.exitCode).toBe(7);
  expect(refused.err).toContain("orrery token create");
  const created = await captureCli(["token", "create", "ops", "--role", "admin"], { env });
  expect(created.exitCode).toBe(0);
  const secret = created.out.trim();
  await using server = await startServer({ args: ["--host", "0.0.0.0", "--no-worker"], env });
  const at = ["--server", server.url.replace("0.0.0.0", "127.0.0.1")];
  expect(await captureCli(["status", ...at])).toMatchObject({ exitCode: 6, out: "" });
  const withToken = await captureCli(["status", ...at], { env: { ORRERY_TOKEN: secret } });
  expect(withToken).toMatchObject({ exitCode: 0, err: "" });
  expect(withToken.out).toMatch(/^database +PostgreSQL /m);
});

test("a schedule that was edited is followed at the next start, or told of", async () => {
  await using database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString };
  const directory = await mkdtemp(join(tmpdir(), "orrery-schedules-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const start = async (schedule: object): Promise<RunningCli> => {
    const config = {
      tasks: [join(projectDirectory, "tasks")],
      schedules: [{ key: "nightly", type: "greet", input: { name: "you" }, ...schedule }],
    };
    const text = `export default ${JSON.stringify(config)};`;
    await writeFile(join(directory, "orrery.config.mjs"), text);
    return await startServer({ args: ["--no-worker"], env, directory });
  };
  const daily = { kind: "cron", dialect: "vixie", expression: "0 3 * * *", zone: "UTC" };
  const linesOf = async (schedule: object): Promise<readonly unknown[]> => {
    await using server = await start(schedule);
    return server.lines.filter(({ event }) => String(event).startsWith("schedule"));
  };
  const inPlace = { event: "schedules", count: 1 };
  expect(await linesOf({ triggers: [daily] })).toMatchObject([{ ...inPlace, added: 1 }]);
  expect(await linesOf({ triggers: [daily] })).toMatchObject([{ ...inPlace, added: 0 }]);
  const edited = { ...daily, expression: "0 4 * * *", overlap: "queue-one" };
  expect(await linesOf({ triggers: [edited], priority: "high" })).toMatchObject([
    { level: "info", event: "schedule_changed", key: "nightly", changed: 1, added: 0, removed: 0 },
    {
      level: "warn",
      event: "schedule_differs",
      key: "nightly",
      fields: ["priority"],
      message: expect.stringMatching(/^schedule nightly \(task \d+\) differs .* in priority, /),
    },
    inPlace,
  ]);
  expect(await linesOf({ triggers: [edited] })).toMatchObject([inPlace]);
});
