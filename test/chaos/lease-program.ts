/**
 * A process that claims when it is ordered to: named leases, runs, occurrences. Each order has an
 * id, and is answered under it with a result or with the error's code. An order may wait at the
 * barrier first, an advisory lock that the test holds, so that several processes go at once.
 */

import { Client } from "pg";

import { present } from "../../src/kernel/assert.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { StoreError } from "../../src/kernel/errors.ts";
import { toId } from "../../src/kernel/ids.ts";
import { addMillis, formatInstant, type Instant, parseInstant } from "../../src/kernel/instant.ts";
import { Firing } from "../../src/engine/fire.ts";
import { eventful } from "../../src/model/outcome.ts";
import type { Store } from "../../src/model/store.ts";
import type { NamedLease } from "../../src/model/worker.ts";
import { openStore } from "../../src/store/open.ts";
import { barrierKey } from "./barrier.ts";
import { type Line, numberIn, onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

type Act = (order: Line, store: Store) => Promise<unknown>;

const settings = readSettings();
const connectionString = textIn(settings, "connectionString");

let skewMs = typeof settings["skewMs"] === "number" ? settings["skewMs"] : 0;
let now: Instant | null = null;

/** A clock that is as wrong as the test wants it. */
const skewedClock: Clock = {
  ...systemClock,
  now: () => addMillis(systemClock.now(), skewMs),
};

function leaseIn(order: Line): NamedLease {
  const expiresAt = parseInstant("1970-01-01T00:00:00Z");
  return { name: textIn(order, "name"), owner: "", token: numberIn(order, "token"), expiresAt };
}

function leaseLine(lease: NamedLease | undefined): object | null {
  return lease === undefined ? null : { ...lease, expiresAt: formatInstant(lease.expiresAt) };
}

const claim: Act = async (order, store) =>
  leaseLine(
    await store.leases.claim({
      name: textIn(order, "name"),
      owner: textIn(order, "owner"),
      ttlMs: numberIn(order, "ttlMs"),
    }),
  );

/** Runs `act` in a transaction of this program's own. */
async function inTransaction<T>(
  options: { readonly isolation: string; readonly store: Store },
  act: (client: Client, store: Store) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(`begin isolation level ${options.isolation}`);
    const result = await act(client, options.store.within(client));
    await client.query("commit");
    return result;
  } finally {
    await client.end();
  }
}

const acts: Readonly<Record<string, Act>> = {
  claim,
  renew: async (order, store) =>
    leaseLine(await store.leases.renew(leaseIn(order), numberIn(order, "ttlMs"))),
  release: async (order, store) => await store.leases.release(leaseIn(order)),
  /** Claims in a transaction whose snapshot is older than the barrier. */
  claimWithin: async (order, store) => {
    const isolation = textIn(order, "isolation");
    return await inTransaction({ isolation, store }, async (client, inside) => {
      await client.query("select count(*) from orrery.lease");
      await client.query("select pg_advisory_lock_shared($1)", [barrierKey]);
      return await claim(order, inside);
    });
  },
  /** Stores the result of a slot; told before the commit and then waits for ever, if so ordered. */
  storeResult: async (order, store) =>
    await inTransaction({ isolation: "read committed", store }, async (client, inside) => {
      if (!(await inside.leases.confirm(leaseIn(order)))) return false;
      const stored = await client.query(
        "insert into audit.result values ($1, $2) on conflict do nothing",
        [textIn(order, "slot"), numberIn(order, "token")],
      );
      if (order["hang"] === true) {
        tell({ kind: "storing" });
        await new Promise(() => undefined);
      }
      return stored.rowCount === 1;
    }),
  skew: (order) => {
    skewMs = numberIn(order, "skewMs");
    return Promise.resolve(formatInstant(skewedClock.now()));
  },
  claimRuns: async (order, store) => {
    const typeId = toId<Parameters<Store["taskTypes"]["lock"]>[0][number]>(order["typeId"], "type");
    const { runs } = await store.runs.claim({
      workerId: toId(order["workerId"], "worker"),
      levels: [{ level: 2, limit: 10 }],
      probes: [{ typeId, level: 2, limit: 10, dueFrom: null }],
      limited: [],
      limit: 10,
      leaseMs: numberIn(order, "leaseMs"),
    });
    return runs.map(({ id: runId, fence, taskId, triggerId }) => ({
      runId,
      fence,
      taskId,
      triggerId,
    }));
  },
  finishRun: async (order, store) =>
    await store.runs.finish([
      {
        id: toId(order["runId"], "run"),
        fence: toId(order["fence"], "fence"),
        taskId: order["taskId"] === null ? null : toId(order["taskId"], "task"),
        triggerId: order["triggerId"] === null ? null : toId(order["triggerId"], "trigger"),
        outcome: eventful(),
        durationMs: 0,
        nextIntervalMs: null,
      },
    ]),
  fire: async (_order, store) => {
    let fired = 0;
    const firing = new Firing(store, (event) => {
      if (event.kind === "fired") fired += event.count;
    });
    await firing.turn();
    return fired;
  },
  record: async (order, store) => {
    const { id, taskId } = present(
      await store.triggers.find(toId(order["triggerId"], "trigger")),
      "the trigger",
    );
    const fireAt = parseInstant(textIn(order, "fireAt"));
    return await store.triggers.record([
      {
        triggerId: id,
        taskId,
        occurrences: [{ fireAt, verdict: "fired", reason: null, waits: false }],
        nextFireAt: null,
        cancelCount: 0,
      },
    ]);
  },
};

async function follow(order: Line, store: Store, barrier: Client): Promise<void> {
  const id = numberIn(order, "id");
  try {
    if (order["atBarrier"] === true) {
      await barrier.query("select pg_advisory_lock_shared($1)", [barrierKey]);
      await barrier.query("select pg_advisory_unlock_shared($1)", [barrierKey]);
    }
    now = typeof order["now"] === "string" ? parseInstant(order["now"]) : null;
    tell({ kind: "answer", id, result: await acts[order.kind]?.(order, store) });
  } catch (thrown) {
    const transient = thrown instanceof StoreError && thrown.transient;
    tell({ kind: "answer", id, error: String(thrown), transient });
  }
}

async function main(): Promise<void> {
  const orders: Line[] = [];
  let take = (order: Line): void => void orders.push(order);
  onOrder((order) => take(order));
  const store = await openStore({ connectionString, clock: skewedClock, now: () => now });
  const barrier = new Client({ connectionString: textIn(settings, "barrierConnectionString") });
  barrier.on("error", () => undefined);
  await barrier.connect();
  take = (order) => void follow(order, store, barrier);
  for (const order of orders) take(order);
  tell({ kind: "ready" });
}

await main();
