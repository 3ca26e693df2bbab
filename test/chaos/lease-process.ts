/** Processes that claim at the test's order, and the barrier at which they wait for each other. */

import { Client } from "pg";

import { isRecord } from "../../src/kernel/json.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { ChildProgram } from "./child-program.ts";
import { until } from "./conditions.ts";
import { barrierKey } from "./barrier.ts";
import { type Line, textIn } from "./parent-lines.ts";

/** A lease as a process tells of it; the instant as text. */
export interface ToldLease {
  readonly name: string;
  readonly token: number;
  readonly expiresAt: string;
}

/** How a process is to be. */
export interface LeaseProcessOptions {
  /** Its way to the database, where that is another than the test's. */
  readonly connectionString?: string;
  /** Milliseconds by which its clock is ahead. */
  readonly skewMs?: number;
}

/** A process that follows orders. */
export class LeaseProcess extends ChildProgram {
  #orderCount = 0;

  /** Orders, and resolves with the answer. */
  async ask(order: Line, withinMs?: number): Promise<Line> {
    this.#orderCount += 1;
    const id = this.#orderCount;
    this.order({ ...order, id });
    const isAnswer = (line: Line): boolean => line.kind === "answer" && line["id"] === id;
    return await this.hears(isAnswer, `the answer to ${order.kind}`, withinMs);
  }

  /** The result of an order; rejects when it failed. */
  async result(order: Line): Promise<unknown> {
    const answer = await this.ask(order);
    if (answer["error"] !== undefined) throw new Error(textIn(answer, "error"));
    return answer["result"];
  }

  /** A lease or, when it was refused, undefined. */
  async lease(order: Line): Promise<ToldLease | undefined> {
    return toldLease(await this.result(order));
  }
}

/** The lease in a result. */
export function toldLease(result: unknown): ToldLease | undefined {
  if (!isRecord(result)) return undefined;
  const { name, token, expiresAt } = result;
  return { name: String(name), token: Number(token), expiresAt: String(expiresAt) };
}

/** A database with a table for results, its processes and their barrier. */
export class LeaseField implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly #gate: Client;
  readonly #processes: LeaseProcess[] = [];

  private constructor(database: TestDatabase, gate: Client) {
    this.database = database;
    this.#gate = gate;
  }

  /** Makes the database. */
  static async open(): Promise<LeaseField> {
    const database = await createDatabase();
    await database.query("create schema audit");
    await database.query("create table audit.result (slot text primary key, token bigint)");
    const gate = new Client({ connectionString: database.connectionString });
    await gate.connect();
    return new LeaseField(database, gate);
  }

  /** Starts a process without waiting for it. */
  spawn(options: LeaseProcessOptions = {}): LeaseProcess {
    const { connectionString } = this.database;
    const process = new LeaseProcess("lease-program.ts", {
      connectionString,
      barrierConnectionString: connectionString,
      ...options,
    });
    this.#processes.push(process);
    return process;
  }

  /** Starts processes; resolves when they are ready. */
  async start(count: number, options?: LeaseProcessOptions): Promise<readonly LeaseProcess[]> {
    const processes = Array.from({ length: count }, () => this.spawn(options));
    for (const process of processes) {
      await process.hears((line) => line.kind === "ready", "being ready", 60_000);
    }
    return processes;
  }

  /** Two processes. */
  async pair(): Promise<readonly [LeaseProcess, LeaseProcess]> {
    const [one, other] = await this.start(2);
    if (one === undefined || other === undefined) throw new Error("two were asked for");
    return [one, other];
  }

  /** Lets all processes wait at the barrier with their orders, and go on at once. */
  async together(
    processes: readonly LeaseProcess[],
    orderOf: (index: number) => Line,
  ): Promise<readonly Line[]> {
    await this.#gate.query("select pg_advisory_lock($1)", [barrierKey]);
    const answers = processes.map((process, index) => process.ask(orderOf(index)));
    await until(
      async () => {
        const waiting = await this.database.query(
          `select from pg_locks join pg_database on pg_database.oid = database
           where locktype = 'advisory' and objid = $1 and not granted
             and datname = current_database()`,
          [barrierKey],
        );
        return waiting.length === processes.length;
      },
      { what: "all to be at the barrier", everyMs: 2 },
    );
    await this.#gate.query("select pg_advisory_unlock($1)", [barrierKey]);
    return await Promise.all(answers);
  }

  /** Puts a lease in the table. */
  async put(lease: { readonly name: string; readonly token: number; readonly ageMs: number }) {
    await this.database.query(
      `insert into orrery.lease values
         ($1, 'former', $2, clock_timestamp() - $3 * interval '1 millisecond')`,
      [lease.name, lease.token, lease.ageMs],
    );
  }

  /** The stored results, of one slot or of all. */
  async results(slot: string | null = null): Promise<readonly object[]> {
    return await this.database.query(
      "select slot, token::int from audit.result where slot = coalesce($1, slot) order by slot",
      [slot],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map(async (process) => await process.kill()));
    await this.#gate.end();
    await this.database[Symbol.asyncDispose]();
  }
}
