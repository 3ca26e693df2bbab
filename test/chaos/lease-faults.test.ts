/**
 * What a lease guarantees when its holder is killed or paused, when a connection breaks before the
 * answer, when the server restarts, and when what it is about goes away. The names that open the
 * titles are those of `test/vectors/ghc/lease-contract.json`.
 */

import { Client } from "pg";
import { expect, test } from "vitest";

import { addMillis, formatInstant, parseInstant } from "../../src/kernel/instant.ts";
import { assert, present } from "../../src/kernel/assert.ts";
import { integerBetween } from "../../src/kernel/rng.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { startServer } from "../postgres/server.ts";
import { seededChance, until } from "./conditions.ts";
import { LeaseField, LeaseProcess, type ToldLease } from "./lease-process.ts";
import type { Line } from "./parent-lines.ts";
import { SeveringProxy } from "./severing-proxy.ts";

const ttlMs = 30_000;

/** Leases follow the database's clock, which an order may say: no test waits for one to expire. */
const start = "2026-03-01T09:00:00.000000Z";

/** Long after every lease has expired. */
const later = "2999-01-01T00:00:00.000000Z";

function claim(owner: string): Line {
  return { kind: "claim", name: "job", owner, ttlMs };
}

function storeResult({ token }: ToldLease, slot = "noon"): Line {
  return { kind: "storeResult", name: "job", token, slot };
}

function renew({ token }: ToldLease): Line {
  return { kind: "renew", name: "job", token, ttlMs };
}

test("kill-9-after-claim: a dead holder's lease is free at its expiry", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  const held = present(await one.lease({ ...claim("one"), now: start }), "the first grant");
  await one.kill();
  let polls = 0;
  let next: ToldLease | undefined;
  for (; next === undefined && polls <= 60; polls += 1) {
    const now = formatInstant(addMillis(parseInstant(start), polls * 1_000));
    next = await other.lease({ ...claim("other"), now });
  }
  // Each second from the grant on: refused thirty times, and granted the next.
  expect({ polls, token: next?.token }).toEqual({ polls: 31, token: held.token + 1 });
  assert(next !== undefined, "granted, as was expected");
  expect(await other.result(storeResult(next))).toBe(true);
  expect(await field.results()).toEqual([{ slot: "noon", token: 2 }]);
});

test("kill-9-during-result: of a result that was being stored nothing is left", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  const held = present(await one.lease(claim("one")), "the first grant");
  one.order({ ...storeResult(held), hang: true, id: 0 });
  await one.hears((line) => line.kind === "storing", "being about to commit");
  await one.kill();
  const next = present(await other.lease({ ...claim("other"), now: later }), "the next grant");
  expect(await field.results()).toEqual([]);
  expect(await other.result(storeResult(next))).toBe(true);
  expect(await field.results()).toEqual([{ slot: "noon", token: 2 }]);
});

test("pause-past-ttl: the result of a holder that slept beyond its lease is refused", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  const held = present(await one.lease(claim("one")), "the first grant");
  one.signal("SIGSTOP");
  await one.stopped();
  const next = present(await other.lease({ ...claim("other"), now: later }), "the next grant");
  expect(await other.result(storeResult(next))).toBe(true);
  one.signal("SIGCONT");
  expect(await one.result(storeResult(held))).toBe(false);
  expect(await one.result(storeResult(held, "another slot"))).toBe(false);
  expect(await one.lease(renew(held))).toBeUndefined();
  expect(await field.results()).toEqual([{ slot: "noon", token: 2 }]);
});

/** Resolves when so many orders wait for the row of the lease. */
async function ordersWait(field: LeaseField, count: number): Promise<void> {
  const waiting = async (): Promise<boolean> => {
    const rows = await field.database.query(
      `select from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%.lease%'`,
    );
    return rows.length === count;
  };
  await until(waiting, { what: `${count} orders to wait for the row` });
}

/** Keeps everybody from the row of the lease until the connection ends. */
async function holdLease(field: LeaseField): Promise<Client> {
  const holder = new Client({ connectionString: field.database.connectionString });
  await holder.connect();
  await holder.query("begin");
  await holder.query("select from orrery.lease for update");
  return holder;
}

test("pause-in-claim: who slept through the answer to its claim finds its lease gone", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  await field.put({ name: "job", token: 7, ageMs: 1 });
  const holder = await holdLease(field);
  const claimed = one.lease(claim("one"));
  await ordersWait(field, 1);
  one.signal("SIGSTOP");
  await one.stopped();
  // The server goes on and grants it, and nobody reads the answer.
  await holder.end();
  const isGranted = async (): Promise<boolean> =>
    (await field.database.query("select from orrery.lease where token = 8")).length > 0;
  await until(isGranted, { what: "the claim to be granted" });
  const next = present(await other.lease({ ...claim("other"), now: later }), "the next grant");
  expect(next.token).toBe(9);
  expect(await other.result(storeResult(next))).toBe(true);
  one.signal("SIGCONT");
  const held = present(await claimed, "the grant that came late");
  expect(held.token).toBe(8);
  expect(await one.lease(renew(held))).toBeUndefined();
  expect(await one.result(storeResult(held))).toBe(false);
  expect(await field.results()).toEqual([{ slot: "noon", token: 9 }]);
});

/** A renewal in the last moment of a lease and a claim in the first after it. */
function ordersAtExpiry(name: string): { readonly renewal: Line; readonly claim: Line } {
  const at = (ms: number): string => formatInstant(addMillis(parseInstant(start), ttlMs + ms));
  const lease = { name, ttlMs };
  return {
    renewal: { ...lease, kind: "renew", token: 1, now: at(-1) },
    claim: { ...lease, kind: "claim", owner: "other", now: at(0) },
  };
}

test.each(["renewal", "claim"] as const)(
  "at the moment of expiry a %s that comes first wins",
  async (first) => {
    await using field = await LeaseField.open();
    const [one, other] = await field.pair();
    await one.lease({ ...claim("one"), now: start });
    const orders = ordersAtExpiry("job");
    const ask = {
      renewal: () => one.lease(orders.renewal),
      claim: () => other.lease(orders.claim),
    };
    // They queue up for the row, which keeps the order.
    const holder = await holdLease(field);
    const winner = ask[first]();
    await ordersWait(field, 1);
    const loser = ask[first === "renewal" ? "claim" : "renewal"]();
    await ordersWait(field, 2);
    await holder.end();
    expect(await winner).toMatchObject({ token: first === "renewal" ? 1 : 2 });
    expect(await loser).toBeUndefined();
  },
);

test("of a late renewal and a claim at the moment of expiry one wins", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  for (let round = 0; round < 25; round += 1) {
    const name = `round ${round}`;
    await one.lease({ ...claim("one"), name, now: start });
    const orders = ordersAtExpiry(name);
    const [renewed, granted] = await field.together([one, other], (index) => ({
      ...(index === 0 ? orders.renewal : orders.claim),
      atBarrier: true,
    }));
    expect(isRecord(renewed?.["result"])).toBe(!isRecord(granted?.["result"]));
  }
});

test("connection-lost-after-claim: a grant not heard of blocks until its expiry", async () => {
  await using field = await LeaseField.open();
  await using proxy = await SeveringProxy.open(field.database.connectionString);
  const [one] = await field.start(1, { connectionString: proxy.connectionString });
  const process = present(one, "the process");
  await process.result({ kind: "release", name: "no such", token: 1 });
  // The connection is there: what gets lost is the answer, not the greeting.
  proxy.swallowAnswers();
  const answer = process.ask(claim("one"));
  const isGranted = async (): Promise<boolean> =>
    (await field.database.query("select from orrery.lease")).length > 0;
  await until(isGranted, { what: "the claim to be granted" });
  proxy.cut();
  expect(await answer).toMatchObject({ transient: true });
  expect(await process.lease(claim("one"))).toBeUndefined();
  expect(await process.lease({ ...claim("one"), now: later })).toMatchObject({ token: 2 });
});

test("commit-unknown: runs of a claim that was not heard of are not run on a guess", async () => {
  await using field = await LeaseField.open();
  await using proxy = await SeveringProxy.open(field.database.connectionString);
  const [far] = await field.start(1, { connectionString: proxy.connectionString });
  const [near] = await field.start(1);
  const [lost, other] = [present(far, "one"), present(near, "another")];
  const { typeId, workerId } = await queueOneRun(field);
  const order = { kind: "claimRuns", typeId, workerId, leaseMs: 60_000 };
  await lost.result({ kind: "release", name: "no such", token: 1 });
  proxy.swallowAnswers();
  const answer = lost.ask(order);
  const isClaimed = async (): Promise<boolean> =>
    (await field.database.query("select from orrery.claim")).length > 0;
  await until(isClaimed, { what: "the run to be claimed" });
  proxy.cut();
  expect(await answer).toMatchObject({ transient: true });
  expect(await lost.result(order)).toEqual([]);
  expect(await other.result(order)).toEqual([]);
  expect(await field.database.query("select state::text, attempt from orrery.run")).toEqual([
    { state: "running", attempt: 1 },
  ]);
});

interface QueuedRun {
  readonly typeId: number;
  readonly workerId: number;
}

/** A task type, a worker, and a task of the type with its run queued. */
async function queueOneRun(field: LeaseField): Promise<QueuedRun> {
  const rows = await field.database.query(
    `with type as (
       insert into orrery.task_type (name, description, executor, interval_default_ms,
         interval_min_ms, interval_max_ms, interval_factor, retry, grace_ms, retention_class,
         created_at)
       values ('job', '', 'in-process', 1, 1, 1, 1, '{}', 0, 'standard', now())
       returning id
     ),
     host as (insert into orrery.host (name) values ('test') returning id),
     worker as (
       insert into orrery.worker (host_id, pid, version, slot_count, started_at, heartbeat_at,
         expires_at)
       select id, 1, 'test', 1, now(), now(), now() + interval '1 hour' from host
       returning id
     ),
     task as (
       insert into orrery.task (id, type_id, name, root_id, input, priority, overrides, created_at,
         updated_at)
       select 1, id, 'job', 1, 'null', 2, '{}', now(), now() from type
       returning id, type_id
     ),
     run as (
       insert into orrery.run (task_id, type_id, state, priority, due_at, ready_at, created_at,
         input)
       select id, type_id, 'queued', 2, '2026-01-01Z', '2026-01-01Z', now(), 'null' from task
     )
     select type.id as type_id, worker.id::int as worker_id from type, worker`,
  );
  return { typeId: Number(rows[0]?.["type_id"]), workerId: Number(rows[0]?.["worker_id"]) };
}

test("resource-deleted-mid-run: the result of a run whose task is gone is refused", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  const queued = await queueOneRun(field);
  const claimed = await one.result({ kind: "claimRuns", ...queued, leaseMs: 60_000 });
  const run: unknown = Array.isArray(claimed) ? claimed[0] : undefined;
  await field.database.query("delete from orrery.task");
  expect(isRecord(run) && (await one.result({ kind: "finishRun", ...run }))).toEqual([]);
  expect(await field.database.query("select from orrery.attempt")).toEqual([]);
  expect(await other.result({ kind: "claimRuns", ...queued, leaseMs: 60_000 })).toEqual([]);
});

test("resource-deactivated: of a paused type nothing is claimed and no lease given", async () => {
  await using field = await LeaseField.open();
  const [one, other] = await field.pair();
  const queued = await queueOneRun(field);
  await field.database.query("update orrery.task_type set paused_at = now()");
  const order = { kind: "claimRuns", ...queued, leaseMs: 60_000, atBarrier: true };
  for (const answer of await field.together([one, other], () => order)) {
    expect(answer["result"]).toEqual([]);
  }
  expect(await field.database.query("select from orrery.claim")).toEqual([]);
  expect(await field.database.query("select fence from orrery.run")).toEqual([{ fence: "0" }]);
});

/** A task that fires each minute from `first` on. */
async function fireEachMinute(field: LeaseField, first: string): Promise<QueuedRun> {
  const queued = await queueOneRun(field);
  await field.database.query("delete from orrery.run");
  await field.database.query(
    `insert into orrery.trigger (task_id, spec, next_fire_at)
     values (1, jsonb_build_object('kind', 'interval', 'everyMs', 60000, 'anchorAt', $1::text),
       $1::timestamptz)`,
    [first],
  );
  return queued;
}

const first = "2026-03-01T09:00:00.000000Z";

function minute(count: number): string {
  return formatInstant(addMillis(parseInstant(first), count * 60_000));
}

/** Ends all runs that are due, at an instant. */
async function endRuns(process: LeaseProcess, queued: QueuedRun, now: string): Promise<number> {
  const runs = await process.result({ kind: "claimRuns", ...queued, leaseMs: 600_000, now });
  if (!Array.isArray(runs)) return 0;
  for (const run of runs) await process.result({ kind: "finishRun", ...run, now });
  return runs.length;
}

test("period-one-minute: any number of processes fire sixty times in an hour", async () => {
  await using field = await LeaseField.open();
  const processes = await field.start(4);
  const queued = await fireEachMinute(field, first);
  for (let count = 0; count < 60; count += 1) {
    const order = { kind: "fire", now: minute(count), atBarrier: true };
    const answers = await field.together(processes, () => order);
    expect(answers.reduce((sum, answer) => sum + Number(answer["result"]), 0)).toBe(1);
    const ender = present(processes[count % processes.length], "a process");
    expect(await endRuns(ender, queued, minute(count))).toBe(1);
  }
  expect(
    await field.database.query(
      `select count(*)::int as runs, count(distinct fire_at)::int as slots
       from orrery.attempt where final`,
    ),
  ).toEqual([{ runs: 60, slots: 60 }]);
});

test("run-longer-than-period: slots that come during a run are skipped and noted", async () => {
  await using field = await LeaseField.open();
  const processes = await field.pair();
  const queued = await fireEachMinute(field, first);
  const fire = async (now: string): Promise<readonly Line[]> =>
    await field.together(processes, () => ({ kind: "fire", now, atBarrier: true }));
  await fire(minute(0));
  const claim0 = { kind: "claimRuns", ...queued, leaseMs: 600_000, now: minute(0) };
  const runs = await processes[0].result(claim0);
  const run: unknown = Array.isArray(runs) ? runs[0] : undefined;
  for (const count of [1, 2]) {
    await fire(minute(count));
    expect(await endRuns(processes[1], queued, minute(count))).toBe(0);
  }
  await processes[0].result({ kind: "finishRun", ...(isRecord(run) ? run : {}), now: minute(2.5) });
  await fire(minute(3));
  expect(await endRuns(processes[1], queued, minute(3))).toBe(1);
  const slots = await field.database.query(
    "select verdict::text, reason is null as plain from orrery.occurrence order by fire_at",
  );
  expect(slots).toEqual([
    { verdict: "fired", plain: true },
    { verdict: "skipped", plain: false },
    { verdict: "skipped", plain: false },
    { verdict: "fired", plain: true },
  ]);
});

test("slot-once: a slot that is done gets no second run, whoever asks", async () => {
  await using field = await LeaseField.open();
  const processes = await field.pair();
  const queued = await fireEachMinute(field, first);
  const order = { kind: "record", triggerId: 1, fireAt: first, atBarrier: true };
  const answers = await field.together(processes, () => order);
  expect(answers.reduce((sum, answer) => sum + Number(answer["result"]), 0)).toBe(1);
  expect(await endRuns(processes[0], queued, first)).toBe(1);
  expect(await processes[1].result({ kind: "record", triggerId: 1, fireAt: first })).toBe(0);
  expect(await endRuns(processes[1], queued, minute(1))).toBe(0);
});

test("token-monotone: tokens grow through releases and restarts of the server", async () => {
  await using server = await startServer();
  const { connectionString } = server;
  const settings = { connectionString, barrierConnectionString: connectionString };
  await using one = new LeaseProcess("lease-program.ts", settings);
  await using other = new LeaseProcess("lease-program.ts", settings);
  const processes = [one, other];
  const rng = seededChance();
  const tokens: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const process = present(processes[integerBetween(rng, 0, 1)], "a process");
    const shortMs = integerBetween(rng, 1, 30);
    // Where the one before was not released, when it has expired.
    const lease = await until(() => process.lease({ ...claim("any"), ttlMs: shortMs }), {
      what: "a lease",
      everyMs: 1,
    });
    tokens.push(lease.token);
    if (rng.next() < 0.5) {
      await process.result({ kind: "release", name: "job", token: lease.token });
    }
    if (round % 20 !== 19) continue;
    await server.restartImmediately();
    const isBack = async (): Promise<boolean> =>
      (await other.ask({ ...claim("nobody"), ttlMs: 1 }))["error"] === undefined &&
      (await one.ask(renew({ name: "job", token: 0, expiresAt: "" })))["error"] === undefined;
    await until(isBack, { what: "both to reach the server again" });
  }
  expect(tokens.filter((token, index) => token <= (tokens[index - 1] ?? 0))).toEqual([]);
});

test("a process killed at any message of its start does not lock out the next", async () => {
  const rng = seededChance();
  await using field = await LeaseField.open();
  await using proxy = await SeveringProxy.open(field.database.connectionString);
  let stalls = 0;
  for (let round = 0; round < 6; round += 1) {
    await field.database.query("drop schema orrery cascade");
    // Connecting, locking, migrating, opening.
    const stalled = proxy.stallsAt(1 + round * 3 + integerBetween(rng, 0, 3));
    const victim = field.spawn({ connectionString: proxy.connectionString });
    const ready = victim.hears((line) => line.kind === "ready", "being ready");
    if ((await Promise.race([stalled, ready])) === undefined) stalls += 1;
    // The one that is killed never gets ready.
    ready.catch(() => undefined);
    await victim.kill();
    proxy.cut();
    const [next] = await field.start(1);
    const lease = present(await next?.lease(claim("next")), "the grant");
    expect(await next?.result(storeResult(lease, `round ${round}`))).toBe(true);
    await next?.kill();
  }
  expect(await field.results()).toHaveLength(6);
  // Or it was always killed when it had started, which would show nothing.
  expect(stalls).toBeGreaterThan(3);
});
