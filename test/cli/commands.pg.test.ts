/**
 * Commands against a real server in a process of its own: what they print, for people and for
 * programs, and how they exit.
 * One server with one database serves all tests of this file.
 */

import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancelledError } from "../../src/kernel/errors.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { captureCli, type CaptureOptions, followCli, type FollowedCli } from "./captured-shell.ts";
import { type CommandResult, startServer } from "./spawned.ts";

let database: TestDatabase;
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ args: [], env: { DATABASE_URL: database.connectionString } });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function orrery(...args: readonly string[]): Promise<CommandResult> {
  return orreryWith({}, ...args);
}

function orreryWith(options: CaptureOptions, ...args: readonly string[]): Promise<CommandResult> {
  return captureCli(args, { env: { ORRERY_SERVER: server.url }, ...options });
}

/** A command that goes on until something happens. */
function follow(options: CaptureOptions, ...args: readonly string[]): FollowedCli {
  return followCli(args, { env: { ORRERY_SERVER: server.url }, ...options });
}

/** The JSON that a command printed; it must have printed nothing else and ended well. */
async function orreryJson(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { exitCode, out, err } = await orrery(...args, "--json");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return recordOf(JSON.parse(out));
}

/** A JSON object of which the test knows that it is one. */
function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new Error(`no object: ${JSON.stringify(value)}`);
}

/** The id of the first item. */
function firstId(items: unknown): string {
  return String(recordOf(Array.isArray(items) ? items[0] : undefined)["id"]);
}

describe("task add", () => {
  it("waits for the run and prints it", async () => {
    const run = await orreryJson("task", "add", "greet", "--input", '{"name":"you"}', "--wait");
    expect(run).toMatchObject({ state: "succeeded", output: { greeting: "Hello, you!" } });
  });

  it("shows people the log on standard error and the run on standard output", async () => {
    const args = ["task", "add", "greet", "-i", '{"name":"you"}', "--wait"];
    const { exitCode, out, err } = await orrery(...args);
    expect(exitCode).toBe(0);
    expect(err).toContain('greeting you {"letters":3}');
    expect(out).toMatch(/^state +succeeded$/m);
    expect(out + err).not.toContain("\u001b");
  });

  it("reads input from standard input and from a file", async () => {
    const result = await orreryWith(
      { input: '{"name":"pipe"}' },
      "task",
      "add",
      "greet",
      "--input",
      "-",
      "--wait",
      "--json",
    );
    expect(JSON.parse(result.out)).toMatchObject({ output: { greeting: "Hello, pipe!" } });
    const missing = await orrery("task", "add", "greet", "--input", "@nowhere.json");
    expect(missing.exitCode).toBe(2);
    expect(missing.err).toContain("nowhere.json");
  });

  it("exits 1 when the run did not succeed, and still prints it", async () => {
    const { exitCode, out, err } = await orrery("task", "add", "refuse", "--wait", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ state: "failed", outcome: "permfailed" });
    expect(JSON.parse(err)).toMatchObject({ error: { code: "ORR_EXEC_FAILED" } });
  });

  it("exits 2 with the path of the wrong field", async () => {
    const { exitCode, out, err } = await orrery(
      "task",
      "add",
      "greet",
      "--input",
      '{"name":7}',
      "--json",
    );
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(JSON.parse(err)).toMatchObject({
      error: { code: "ORR_INPUT_ARGUMENTS", details: { field: "input.name" } },
    });
  });

  it("exits 3 for an unknown type and says how to see the known ones", async () => {
    const { exitCode, err } = await orrery("task", "add", "nobody");
    expect(exitCode).toBe(3);
    expect(err).toContain("orrery type list");
  });

  it("exits 8 when the run does not end in time", async () => {
    const args = ["task", "add", "waitForStop", "--wait", "--timeout", "300ms"];
    const { exitCode, err } = await orrery(...args);
    expect(exitCode).toBe(8);
    expect(err).toContain("did not end within 300 ms");
  });

  it("stores triggers of every kind", async () => {
    const task = await orreryJson(
      "task",
      "add",
      "greet",
      "--input",
      '{"name":"t"}',
      "--cron",
      "0 3 1 1 *",
      "--timezone",
      "Europe/Zurich",
      "--every",
      "10h",
      "--at",
      "2998-01-01T00:00:00Z",
    );
    expect(task["triggers"]).toMatchObject([
      { spec: { kind: "cron", zone: "Europe/Zurich" } },
      { spec: { kind: "interval", everyMs: 36_000_000 } },
      { spec: { kind: "date" }, nextFireAt: "2998-01-01T00:00:00.000000Z" },
    ]);
  });

  it("exits 2 for a rule that nobody can read", async () => {
    const args = ["task", "add", "greet", "--input", '{"name":"t"}', "--cron", "61 * * * *"];
    expect(await orrery(...args)).toMatchObject({ exitCode: 2, out: "" });
  });

  it("answers the same task for the same key", async () => {
    const args = ["task", "add", "greet", "--input", '{"name":"k"}', "--key", "once"];
    const [first, second] = [await orreryJson(...args), await orreryJson(...args)];
    expect(second["id"]).toBe(first["id"]);
  });
});

describe("task", () => {
  it("is paused, resumed, listed and cancelled; what its state forbids exits 5", async () => {
    const added = await orreryJson("task", "add", "greet", "-i", '{"name":"p"}', "--delay", "1h");
    const id = String(added["id"]);
    expect(await orreryJson("task", "pause", id)).toMatchObject({ state: "paused" });
    const paused = await orreryJson("task", "list", "--state", "paused");
    expect(paused).toMatchObject({ items: [{ id: added["id"] }], nextCursor: null });
    expect(await orreryJson("task", "resume", id)).toMatchObject({ state: "active" });
    const cancelled = await orreryJson("task", "cancel", id, "--reason", "not needed");
    expect(cancelled).toMatchObject({ state: "cancelled" });
    const again = await orrery("task", "cancel", id);
    expect(again.exitCode).toBe(5);
    expect(again.err).toContain("cancelled");
    const retried = await orreryJson("task", "retry", id, "--wait");
    expect(retried).toMatchObject({ state: "succeeded" });
    const shown = await orrery("task", "show", id);
    expect(shown.out).toMatch(/^state +completed$/m);
    expect(shown.out).toMatch(/greet +\d+ +succeeded/);
  });

  it("exits 3 when there is none with the id, 2 when it is no id", async () => {
    expect(await orrery("task", "show", "999999")).toMatchObject({ exitCode: 3, out: "" });
    expect(await orrery("task", "show", "x")).toMatchObject({ exitCode: 2, out: "" });
  });
});

describe("run", () => {
  it("is followed to its end by logs -f, and cancelled from elsewhere", async () => {
    const id = await waitingRun();
    const following = follow({}, "run", "logs", "-f", id, "--json");
    await following.writes(({ out }) => out.includes("waiting"));
    expect(await orreryJson("run", "cancel", id)).toMatchObject({ id: Number(id) });
    const { exitCode, out } = await following.ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(out.split("\n")[0] ?? "")).toMatchObject({ message: "waiting", attempt: 1 });
    const run = await orreryJson("run", "show", id);
    expect(["cancelled", "succeeded"]).toContain(run["state"]);
    const retried = await orreryJson("run", "retry", id);
    expect(retried["id"]).not.toBe(Number(id));
    await orrery("run", "cancel", String(retried["id"]));
  });

  it("tells its log from a place on, also while it is followed", async () => {
    const task = await orreryJson("task", "add", "greet", "-i", '{"name":"log"}');
    const { items } = await orreryJson("run", "list", "--task", String(task["id"]));
    const id = firstId(items);
    const whole = await orrery("run", "logs", "-f", id, "--json");
    expect(JSON.parse(whole.out)).toMatchObject({ message: "greeting log", seq: 1 });
    for (const options of [[], ["-f"]]) {
      const rest = await orrery("run", "logs", ...options, id, "--after", "1.1");
      expect(rest).toEqual({ exitCode: 0, out: "", err: "" });
      const misplaced = await orrery("run", "logs", ...options, id, "--after", "first");
      expect(misplaced).toMatchObject({ exitCode: 2, out: "" });
    }
  });

  it("shows its progress on a terminal in one line that leaves no trace", async () => {
    const id = await waitingRun();
    const following = follow({ terminal: 60 }, "run", "logs", "-f", id);
    const line = /\[[█░]+\] +running/;
    await following.writes(({ err }) => line.test(stripVTControlCharacters(err)));
    await orrery("run", "cancel", id);
    const { exitCode, err } = await following.ended;
    expect(exitCode).toBe(0);
    expect(err.endsWith("\r\u001b[K")).toBe(true);
  });

  it("goes on when the one who follows it is interrupted, who exits 130", async () => {
    const id = await waitingRun();
    const interrupt = new AbortController();
    const following = follow({ signal: interrupt.signal }, "run", "logs", "-f", id);
    await following.writes(({ out }) => out.includes("waiting"));
    interrupt.abort(new CancelledError("ORR_CANCELLED_SHUTDOWN", "stopped by SIGINT"));
    expect(await following.ended).toMatchObject({ exitCode: 130, err: "interrupted\n" });
    expect(await orreryJson("run", "show", id)).toMatchObject({ state: "running" });
    await orrery("run", "cancel", id);
  });

  it("is listed in pages that lead on", async () => {
    const first = await orreryJson("run", "list", "--limit", "1");
    const second = await orreryJson(
      "run",
      "list",
      "--limit",
      "1",
      "--cursor",
      String(first["nextCursor"]),
    );
    expect(second["items"]).not.toEqual(first["items"]);
    const { err } = await orrery("run", "list", "--limit", "1");
    expect(err).toContain("--cursor");
  });
});

/** A run that goes on until it is asked to stop, after a first line in its log. */
async function waitingRun(): Promise<string> {
  const task = await orreryJson("task", "add", "waitForStop");
  const { items } = await orreryJson("run", "list", "--task", String(task["id"]));
  return firstId(items);
}

describe("type", () => {
  it("is listed in columns without colours", async () => {
    const { exitCode, out } = await orrery("type", "list");
    expect(exitCode).toBe(0);
    const [head, first] = out.split("\n");
    expect(head).toMatch(/^NAME +EXECUTOR +STATE +RETRIES +TIME-OUT +DESCRIPTION$/);
    expect(first).toMatch(/^greet +in-process +active +3 +- +Greets somebody by name$/);
  });

  it("is paused and resumed by name", async () => {
    expect(await orreryJson("type", "pause", "refuse")).toMatchObject({ name: "refuse" });
    expect((await orreryJson("type", "show", "refuse"))["pausedAt"]).not.toBeNull();
    expect(await orreryJson("type", "resume", "refuse")).toMatchObject({ pausedAt: null });
    expect(await orrery("type", "show", "nobody")).toMatchObject({ exitCode: 3 });
  });
});

describe("token", () => {
  it("is made, listed without its secret, and revoked", async () => {
    const created = await orreryJson("token", "create", "ci", "--role", "operator");
    const { token, secret } = created;
    expect(token).toMatchObject({ name: "ci", role: "operator" });
    const listed = await orrery("token", "list", "--json");
    expect(listed.out).not.toContain(String(secret));
    const id = firstId(JSON.parse(listed.out));
    expect(await orreryJson("token", "revoke", id)).toEqual({ id: Number(id), revoked: true });
    expect(await orrery("token", "revoke", "999")).toMatchObject({ exitCode: 3 });
  });
});

describe("everything", () => {
  it("is paused and resumed, which status shows", async () => {
    expect((await orreryJson("pause"))["pausedAt"]).not.toBeNull();
    expect((await orrery("status")).out).toMatch(/^state +paused since /m);
    expect((await orreryJson("resume"))["pausedAt"]).toBeNull();
  });
});

describe("the choice of a scheduler", () => {
  it("opens the database itself when one is named", async () => {
    const result = await orrery(
      "type",
      "list",
      "--json",
      "--verbose",
      "--database-url",
      database.connectionString,
    );
    expect(result.exitCode).toBe(0);
    expect(result.err).toContain("PostgreSQL at ");
    expect(JSON.parse(result.out)).toHaveLength(5);
  });

  it("exits 4 when nobody answers, and says what to do", async () => {
    const { exitCode, err } = await orrery("status", "--server", "http://127.0.0.1:1");
    expect(exitCode).toBe(4);
    expect(err).toMatch(/^hint: /m);
  });

  it("exits 2 when two places are named", async () => {
    const args = ["status", "--server", server.url, "--data", "x"];
    expect(await orrery(...args)).toMatchObject({ exitCode: 2, out: "" });
  });
});

describe("doctor", () => {
  it("finds the server, and a broken module is a failure with its name", async () => {
    const env = { DATABASE_URL: database.connectionString, ORRERY_PORT: new URL(server.url).port };
    const { exitCode, out } = await orreryWith({ env }, "doctor", "--json");
    const { findings } = recordOf(JSON.parse(out));
    const all = Array.isArray(findings) ? findings.map(recordOf) : [];
    const statusOf = (check: string): readonly unknown[] =>
      all.filter((each) => each["check"] === check).map((each) => each["status"]);
    expect(exitCode).toBe(1);
    expect(statusOf("task modules")).toEqual(["ok", "fail"]);
    for (const check of ["runtime", "configuration", "port", "server", "database", "clock"]) {
      expect({ check, status: statusOf(check) }).toEqual({ check, status: ["ok"] });
    }
    expect(statusOf("migrations")).toEqual(["ok"]);
  });

  it("fails with advice when the database cannot be reached", async () => {
    const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing", ORRERY_PORT: "0" };
    const { exitCode, out } = await orreryWith({ env, directory: "/" }, "doctor");
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^fail {2}database /m);
    expect(out).toMatch(/→ is it running/);
  });
});
