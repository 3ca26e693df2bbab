/** `orrery swh` given what it cannot use: each kind of option, and how the command ends. */

import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { captureCli } from "./captured-shell.ts";
import { openSwhRig, type SwhRig } from "./swh-rig.ts";

let rig: SwhRig;

beforeAll(async () => {
  rig = await openSwhRig();
  await rig.scheduler.createTaskType({ type: "load-url", description: "d", backendName: "b" });
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe("where the scheduler is", () => {
  it("a configuration of the reference says it, as an option or a variable", async () => {
    const file = join(rig.directory, "scheduler.yml");
    const config = `scheduler:
  cls: remote
  url: ${rig.url}/swh/
  timeout: [3.5, 60]
  max_retries: 3
celery:
  task_broker: amqp://guest@localhost//
`;
    await writeFile(file, config);
    const list = ["task-type", "list", "-t", "load-url"];
    const byOption = await captureCli(["swh", "-C", file, ...list], {});
    expect(byOption.out).toContain("load-url:\n");
    expect(byOption.err).toBe("scheduler.max_retries of --config-file has no effect here\n");
    const env = { SWH_CONFIG_FILENAME: join(rig.directory, "scheduler") };
    expect((await captureCli(["swh", ...list], { env })).out).toContain("load-url:\n");
    // What names an Orrery on the line wins over the variable.
    const named = ["swh", ...list, "--server", "http://127.0.0.1:1"];
    const away = await captureCli(named, { env });
    expect(away).toMatchObject({ exitCode: 1, out: "" });
    expect(away.err).toContain("no answer from http://127.0.0.1:1/swh");
  });

  it.each<[string, RegExp]>([
    [
      "scheduler:\n  cls: postgresql\n  db: service=swh\n",
      /scheduler.cls must be "remote", not "po/,
    ],
    ["celery: {}\n", /missing 'scheduler' configuration/],
    ["scheduler: {cls: remote}\n", /scheduler.url must be an address/],
    ["scheduler: {cls: remote, url: u, timeout: soon}\n", /scheduler.timeout must be seconds/],
    [
      "scheduler: {cls: remote, url: u, session_kwargs: {auth: [me]}}\n",
      /session_kwargs.auth must be a list of a name and a password/,
    ],
    [
      "scheduler: {cls: remote, url: u, session_kwargs: {headers: {x: 1}}}\n",
      /session_kwargs.headers must be texts by their names/,
    ],
    ["scheduler: {cls: remote\n", /is not YAML/],
  ])("the configuration %j is refused", async (config, message) => {
    const file = join(rig.directory, "bad.yml");
    await writeFile(file, config);
    const { exitCode, err } = await captureCli(["swh", "-C", file, "task-type", "list"], {});
    expect(exitCode).toBe(1);
    expect(err).toMatch(message);
  });

  it("a name and a password may stand in the address", async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.writeHead(401, { "content-type": "text/plain" }).end("who are you?");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const url = `http://me:se%40cret@127.0.0.1:${port}/below/`;
    const { exitCode, err } = await captureCli([
      "swh",
      "task-type",
      "list",
      "-u",
      url,
      "--verbose",
    ]);
    proxy.close();
    expect(exitCode).toBe(1);
    expect(err).not.toContain("cret@127");
    const credentials = Buffer.from("me:se@cret").toString("base64");
    expect(seen).toEqual([`/below/task_type/get_all Basic ${credentials}`]);
  });

  it.each<[readonly string[], RegExp]>([
    [["--url", "http://127.0.0.1:1", "--server", "http://127.0.0.1:2"], /--url excludes --server/],
    [["--dialect", "seed"], /--dialect is for --url/],
    [["--url", "localhost:5008"], /url must be an http address/],
    [["--url", "http://127.0.0.1:1", "--dialect", "old"], /Allowed choices are current, seed/],
  ])("%j is refused", async (args, message) => {
    const env = { ORRERY_SERVER: rig.url };
    const { exitCode, err } = await captureCli(["swh", ...args, "task-type", "list"], { env });
    expect(exitCode).toBe(2);
    expect(err).toMatch(message);
  });
});

const table = ["task", "schedule", "-"];

test.each<[number, RegExp, readonly string[], string?]>([
  [2, /Unknown task name nothing\./, ["task", "add", "nothing"]],
  [2, /Allowed choices are recurring, oneshot/, ["task", "add", "load-url", "-p", "daily"]],
  [2, /Allowed choices are high, normal, low/, ["task", "add", "load-url", "-P", "urgent"]],
  [2, /--next-run must be a date such as/, ["task", "add", "load-url", "-n", "soon"]],
  [1, /Invalid argument: \[1\n/, ["task", "add", "load-url", "[1"]],
  [2, /missing required argument 'type'/, ["task", "add"]],
  [2, /line 1: Unknown task name x\./, table, "x,[],{},now\n"],
  [2, /line 2, args must be a list in JSON/, table, "load-url\nload-url,{}\n"],
  [2, /line 1, args is not valid JSON/, table, "load-url,[\n"],
  [2, /line 1, kwargs must be an object in JSON/, table, "load-url,[],[]\n"],
  [2, /line 1, next_run must be a date/, table, "load-url,[],{},soon\n"],
  [2, /line 1 must be a row of 4 fields/, table, "load-url,[],{},now,more\n"],
  [2, /line 1 must be quotes that are closed/, table, '"load-url\n'],
  [
    2,
    /line 1, policy must be recurring/,
    [...table, "-c", "type", "-c", "policy"],
    "load-url,daily\n",
  ],
  [2, /It must be one of type, args/, [...table, "-c", "colour"]],
  [2, /It must be one letter/, [...table, "-d", "ab"]],
  [2, /cannot read .*nowhere\.csv/, ["task", "schedule", "nowhere.csv"]],
  [1, /name a file of URLs with --origins/, ["task", "schedule_origins", "load-url"]],
  [1, /swh-storage/, ["task", "schedule_origins", "load-url", "-g", "http://s", "--origins", "-"]],
  [1, /Only keywords arguments/, ["task", "schedule_origins", "load-url", "a", "--origins", "-"]],
  [2, /positive whole number/, ["task", "schedule_origins", "load-url", "-b", "0"]],
  [2, /missing required argument 'types'/, ["task", "list-pending"]],
  [2, /--before must be a date/, ["task", "list-pending", "load-url", "-b", "1/2/3"]],
  [2, /It must be a whole number/, ["task", "list-pending", "load-url", "-l", "many"]],
  [1, /must not be negative/, ["task", "list-pending", "load-url", "-l", "-1"]],
  [2, /Allowed choices are next_run_not_scheduled/, ["task", "list", "-s", "done"]],
  [2, /positive whole number/, ["task", "list", "-i", "first"]],
  [2, /--after must be a date/, ["task", "list", "-a", "later"]],
  [2, /positive whole number/, ["task", "respawn", "one"]],
  [2, /--output must name a directory/, ["task", "archive"]],
  [2, /--after must be a date/, ["task", "archive", "--dry-run", "-a", "x"]],
  [1, /page_token must be the digits/, ["task", "archive", "--dry-run", "--start-from", "x"]],
  [2, /positive whole number/, ["task", "archive", "--batch-index", "0"]],
  [2, /missing required argument 'description'/, ["task-type", "add", "a", "b"]],
  [
    2,
    /--min-interval must be an interval/,
    ["task-type", "add", "a", "b", "c", "--min-interval", "1"],
  ],
  [2, /It must be a number above 0/, ["task-type", "add", "a", "b", "c", "-f", "0"]],
  [1, /register is not available/, ["task-type", "register", "-p", "all"]],
  [1, /Unknown scheduling policy newest/, ["origin", "grab-next", "git", "1", "-p", "newest"]],
  [2, /It must be a whole number/, ["origin", "grab-next", "git", "some"]],
  [1, /must not be negative/, ["origin", "grab-next", "git", "--", "-1"]],
  [2, /Unknown task name load-nothing\./, ["origin", "schedule-next", "nothing", "1"]],
  [
    2,
    /--failed-cooldown must be an/,
    ["origin", "peek-next", "git", "1", "--failed-cooldown", "x"],
  ],
  [
    2,
    /cannot be used with/,
    ["origin", "peek-next", "git", "1", "--only-enabled", "--only-disabled"],
  ],
  [
    2,
    /--tablesample <percent>' argument 'all' is invalid\. It must be a number from 0 to 100\./,
    ["origin", "peek-next", "git", "1", "--tablesample", "all"],
  ],
  [
    2,
    /--tablesample <percent>' argument '150' is invalid\. It must be a number from 0 to 100\./,
    ["origin", "peek-next", "git", "1", "--tablesample", "150"],
  ],
  [2, /--instance needs --lister/, ["origin", "update-metrics", "--instance", "x"]],
  [1, /isn't registered/, ["origin", "check-listed-origins", "x", "y"]],
  [1, /isn't registered/, ["origin", "check-ingested-origins", "x", "y"]],
  [
    2,
    /--minimum-success <percent>' argument '101' is invalid\. It must be a number from 0 to 100\./,
    ["origin", "check-ingested-origins", "x", "y", "--minimum-success", "101"],
  ],
  [
    2,
    /--watch-period must be/,
    ["origin", "check-ingested-origins", "x", "y", "--watch-period", "x"],
  ],
  [1, /Celery broker/, ["origin", "send-origins-from-scheduler-to-celery", "git", "-q", "x"]],
  [1, /Celery broker/, ["origin", "send-origins-from-file-to-celery", "load-git", "--dry-run"]],
  [1, /Celery broker/, ["start-runner", "-p", "10", "--with-priority"]],
  [1, /`orrery serve` answers below/, ["rpc-serve", "--port", "5008"]],
  [
    2,
    /Allowed choices are production, staging/,
    ["add-forge-now", "-p", "test", "register-lister", "x"],
  ],
  [2, /unknown command 'tasks'/, ["tasks"]],
])("exits %i with %s: %j", async (...row) => {
  const [code, message, args, input = ""] = row;
  const { exitCode, out, err } = await rig.swh(args, { input });
  expect({ exitCode, out }).toEqual({ exitCode: code, out: "" });
  expect(err).toMatch(message);
});
