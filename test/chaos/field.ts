/** A database with books, the fleet's task types, and the runs that a chaos test queues. */

import { present } from "../../src/kernel/assert.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { RunId, TaskTypeId } from "../../src/kernel/ids.ts";
import type { JsonValue } from "../../src/kernel/json.ts";
import type { Store } from "../../src/model/store.ts";
import { openStore } from "../../src/store/open.ts";
import { storeTasks } from "../engine/stored-tasks.ts";
import { until } from "./conditions.ts";
import { fleetWork } from "./fleet-work.ts";
import { openBooks, type Query } from "./run-audit.ts";

/** Where the test's runs are. */
export class Field implements AsyncDisposable {
  readonly store: Store;
  readonly query: Query;
  readonly connectionString: string;
  readonly #ids: ReadonlyMap<string, TaskTypeId>;

  private constructor(parts: {
    readonly store: Store;
    readonly query: Query;
    readonly connectionString: string;
    readonly ids: ReadonlyMap<string, TaskTypeId>;
  }) {
    this.store = parts.store;
    this.query = parts.query;
    this.connectionString = parts.connectionString;
    this.#ids = parts.ids;
  }

  /** Opens the books in a migrated database that nobody uses yet. */
  static async open(place: {
    readonly connectionString: string;
    readonly query: Query;
  }): Promise<Field> {
    const { connectionString, query } = place;
    await openBooks(query);
    const store = await openStore({ connectionString, clock: systemClock });
    const types = await store.taskTypes.register(fleetWork.map((each) => each.settings));
    const ids = new Map(types.map((type) => [type.name, type.id]));
    return new Field({ store, query, connectionString, ids });
  }

  /** The id of a task type. */
  typeId(name: string): TaskTypeId {
    return present(this.#ids.get(name), `the type ${name}`);
  }

  /** Queues runs without tasks, one for each input, and enters them in the books. */
  async enqueue(name: string, inputs: readonly JsonValue[]): Promise<readonly RunId[]> {
    const ids = await this.store.runs.enqueue(
      inputs.map((input) => ({
        typeId: this.typeId(name),
        input,
        priority: "normal",
        concurrencyKey: null,
        overrides: {},
        dueAt: null,
      })),
    );
    await this.enter(ids);
    return ids;
  }

  /** Queues `count` runs of a type without input. */
  async enqueueMany(name: string, count: number): Promise<readonly RunId[]> {
    return await this.enqueue(
      name,
      Array.from({ length: count }, () => null),
    );
  }

  /** Creates pairs of tasks, each second one waiting for the first; enters their runs. */
  async createPairs(pairCount: number): Promise<void> {
    const typeId = this.typeId("chaos.step");
    const firsts = await storeTasks(
      this.store,
      Array.from({ length: pairCount }, () => ({ typeId })),
    );
    await storeTasks(
      this.store,
      firsts.map(({ id }) => ({
        typeId,
        requires: [{ requiresTaskId: id, reason: "requires", onFailure: "cancel" }],
      })),
    );
    await this.query(
      "insert into audit.queued select id from orrery.run where task_id is not null",
    );
  }

  /** Enters runs in the books. */
  async enter(ids: readonly RunId[]): Promise<void> {
    await this.query("insert into audit.queued select unnest($1::bigint[])", [ids]);
  }

  /** How many runs have not ended. */
  async liveCount(): Promise<number> {
    const rows = await this.query("select count(*)::int as live from orrery.run");
    return Number(rows[0]?.["live"]);
  }

  /** Resolves when at most so many runs are left. */
  async downTo(live: number, withinMs = 60_000): Promise<void> {
    await until(async () => (await this.liveCount()) <= live, {
      what: `at most ${live} runs to be left`,
      withinMs,
    });
  }

  /** Resolves when no run is left, and no claim. */
  async settled(withinMs = 60_000): Promise<void> {
    await this.downTo(0, withinMs);
    await until(async () => (await this.query("select from orrery.claim limit 1")).length === 0, {
      what: "the claims to be forgotten",
      withinMs,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }
}
