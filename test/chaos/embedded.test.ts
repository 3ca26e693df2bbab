/**
 * A program with an embedded database, killed with all its processes twenty times, mostly while it
 * queues and works, sometimes while it starts. What it acknowledged is there at the next start.
 */

import { rm } from "node:fs/promises";
import { dirname } from "node:path";

import { Client } from "pg";
import { expect, test } from "vitest";

import { delay, systemClock } from "../../src/kernel/clock.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { listProcessesIn } from "../../src/store/embedded/process-table.ts";
import type { TestRow } from "../postgres/database.ts";
import { listDescendants } from "../postgres/owner.ts";
import { makeServerDirectory } from "../postgres/server.ts";
import { ChildProgram } from "./child-program.ts";
import { seededChance, until, within } from "./conditions.ts";

const killCount = 20;

/** One in so many is killed while it starts. */
const earlyKills = 4;

/** A directory, the program on it, and what it has acknowledged so far. */
class Installation implements AsyncDisposable {
  readonly directory: string;
  readonly acknowledged = new Set<number>();
  /** Where the server keeps its data; known once it has been ready. */
  data = "";
  #program: ChildProgram | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  get program(): ChildProgram {
    if (this.#program === undefined) throw new Error("the program was not started");
    return this.#program;
  }

  start(enqueues: boolean): ChildProgram {
    const { directory } = this;
    this.#program = new ChildProgram("embedded-program.ts", { directory, enqueues });
    return this.#program;
  }

  /** Resolves with a connection once the program is ready. */
  async connect(): Promise<Client> {
    const ready = await this.program.hears((line) => line.kind === "ready", "being ready", 60_000);
    const client = new Client({ connectionString: String(ready["connectionString"]) });
    // The server is killed under it.
    client.on("error", () => undefined);
    await client.connect();
    const shown = await client.query<TestRow>("show data_directory");
    this.data = String(shown.rows[0]?.["data_directory"]);
    return client;
  }

  /** Kills the program and all its descendants. */
  async killTree(): Promise<void> {
    const { pid } = this.program;
    const tree = [{ pid, parent: 0 }, ...(await listDescendants(pid))];
    // The program first: were its server to end first, it would still get to tell something.
    for (const process of tree) kill(process.pid);
    await this.program.exited;
    for (const line of this.program.told) {
      if (line.kind === "queued") this.acknowledged.add(Number(line["runId"]));
    }
  }

  /** Resolves when no process of the server is left. */
  async vacant(): Promise<void> {
    const isVacant = async (): Promise<boolean> => (await listProcessesIn(this.data)).length === 0;
    await until(isVacant, { what: "the server's processes to end", withinMs: 10_000 });
  }

  /** Those of the acknowledged runs of which the database knows nothing. */
  async missing(client: Client): Promise<readonly number[]> {
    const found = await client.query<{ readonly id: number }>(
      `select id::int from orrery.run
       union select run_id::int from orrery.attempt where final`,
    );
    const known = new Set(found.rows.map((row) => row.id));
    return [...this.acknowledged].filter((id) => !known.has(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#program?.isAlive === true) await this.killTree();
    if (this.data !== "") await this.vacant();
    // Where the server's user cannot reach the directory, the real one is elsewhere.
    for (const directory of new Set([this.directory, dirname(this.data)])) {
      if (directory !== ".") await rm(directory, { recursive: true, force: true });
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ESRCH: it ended together with those killed before it.
  }
}

async function liveThenDie(installation: Installation, rng: Rng): Promise<void> {
  const { program } = installation;
  const client = await installation.connect();
  expect(await installation.missing(client)).toEqual([]);
  const count = integerBetween(rng, 20, 200);
  await until(() => program.count("queued") >= count, { what: "acknowledged runs" });
  await installation.killTree();
  await client.end().catch(() => undefined);
}

test("what was acknowledged outlives the death of all processes, twenty times", async () => {
  const rng = seededChance();
  await using installation = new Installation(await makeServerDirectory());
  for (let round = 0; round < killCount; round += 1) {
    installation.start(true);
    if (round % earlyKills === earlyKills - 1) {
      await delay(systemClock, integerBetween(rng, 0, 1_000));
      await installation.killTree();
    } else {
      await liveThenDie(installation, rng);
    }
    await installation.vacant();
  }
  expect(installation.acknowledged.size).toBeGreaterThan(killCount);
  const program = installation.start(false);
  const client = await installation.connect();
  expect(await installation.missing(client)).toEqual([]);
  const isIdle = async (): Promise<boolean> =>
    (await client.query("select from orrery.run limit 1")).rows.length === 0;
  await until(isIdle, { what: "all runs to end", withinMs: 60_000 });
  const ended = await client.query<TestRow>(
    `select count(*)::int as runs, count(distinct run_id)::int as ids,
       count(*) filter (where state = 'succeeded')::int as succeeded,
       count(*) filter (where run_id = any ($1))::int as acknowledged
     from orrery.attempt where final`,
    [[...installation.acknowledged]],
  );
  const runs = Number(ended.rows[0]?.["runs"]);
  const acknowledged = installation.acknowledged.size;
  expect(ended.rows[0]).toEqual({ runs, ids: runs, succeeded: runs, acknowledged });
  await client.end();
  program.order({ kind: "stop" });
  expect(await within(program.exited, { what: "the program to end" })).toEqual({
    code: 0,
    signal: null,
  });
  await installation.vacant();
});

test("a second program on the directory is refused, also after a kill and a restart", async () => {
  await using installation = new Installation(await makeServerDirectory());
  for (const round of [1, 2]) {
    const program = installation.start(false);
    await (await installation.connect()).end();
    const { directory } = installation;
    await using second = new ChildProgram("embedded-program.ts", { directory, enqueues: false });
    const refusal = await second.hears((line) => line.kind === "refused", "being refused");
    expect(refusal["code"]).toBe("ORR_CONFIG_LOCKED");
    expect(String(refusal["message"])).toContain(`pid ${program.pid}`);
    expect(await second.exited).toEqual({ code: 0, signal: null });
    // The first one is none the worse for it.
    await (await installation.connect()).end();
    if (round === 1) await installation.killTree();
  }
});
