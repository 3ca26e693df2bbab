/**
 * Processes that fire, killed again and again, and hundreds of triggers that are due in the same
 * second, second after second. Faults come at random and, since firing takes only milliseconds,
 * also at the two places where they could do harm: before anything is written, and before the
 * commit.
 * The runs are ended by the test itself, so that only the four processes fire.
 */

import { Client } from "pg";
import { expect, test } from "vitest";

import { present } from "../../src/kernel/assert.ts";
import { delay, systemClock } from "../../src/kernel/clock.ts";
import { addMillis, formatInstant } from "../../src/kernel/instant.ts";
import { firingPolicyDefault } from "../../src/policy/firing-policy.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { eventful } from "../../src/model/outcome.ts";
import type { Store } from "../../src/model/store.ts";
import { storeTasks } from "../engine/stored-tasks.ts";
import { createDatabase } from "../postgres/database.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, type FleetProcess, fleetSettings } from "./fleet.ts";

const triggerCount = 200;
const schedulerCount = 4;
const everyMs = 1_000;
const places = ["at random", "before writing", "before the commit"] as const;
const faultCount = 9;

/** A process that gives no sign of life is to cost no more than a dead one, and a moment. */
const frozenMsMax = 12_000;

const policy = firingPolicyDefault;

/** Lines that a process tells once it has done the housekeeping of a new database. */
const tidied = "pruned";

/** Those of a calendar are decided on; adaptive ones fire where they are found. */
type TriggerKind = "calendar" | "adaptive";

async function createTriggers(field: Field, kind: TriggerKind): Promise<void> {
  const first = addMillis(await field.store.system.now(), everyMs);
  const rule =
    kind === "adaptive"
      ? { spec: { kind }, intervalMs: everyMs }
      : { spec: { kind: "interval", everyMs, anchorAt: formatInstant(first) }, intervalMs: null };
  await storeTasks(
    field.store,
    Array.from({ length: triggerCount }, (_, index) => ({
      typeId: field.typeId("chaos.noop"),
      name: `trigger ${index}`,
      triggers: [{ ...rule, nextFireAt: first, policy, isPaused: false }],
    })),
  );
}

/** Ends runs as they come; disposing of it leaves them as they are. */
class RunEnder implements AsyncDisposable {
  readonly #field: Field;
  readonly #ended: Promise<void>;
  #state: "working" | "draining" | "over" = "working";

  constructor(field: Field) {
    this.#field = field;
    this.#ended = this.#run();
    // Heard of by who drains or disposes, whichever comes first.
    this.#ended.catch(() => undefined);
  }

  /** Resolves when none is left. */
  async drain(): Promise<void> {
    this.#state = "draining";
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = "over";
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { runs, workers }: Store = this.#field.store;
    const self = { host: "test", pid: process.pid, version: "test", slotCount: 500 };
    const workerId = await workers.start(self, 600_000);
    const typeId = this.#field.typeId("chaos.noop");
    while (await this.#hasWork()) {
      const claim = await runs.claim({
        workerId,
        levels: [{ level: 2, limit: 500 }],
        probes: [{ typeId, level: 2, limit: 500, dueFrom: null }],
        limited: [],
        limit: 500,
        leaseMs: 600_000,
      });
      const common = { outcome: eventful(), durationMs: 0 };
      await runs.finish(
        claim.runs.map((run) => ({ ...run, ...common, nextIntervalMs: run.intervalMs })),
      );
      await delay(systemClock, 10);
    }
  }

  async #hasWork(): Promise<boolean> {
    if (this.#state === "draining") return (await this.#field.liveCount()) > 0;
    return this.#state === "working";
  }
}

/** Starts schedulers whose connections tell whose they are. */
class Schedulers {
  readonly fleet: Fleet;
  readonly #field: Field;
  readonly #names = new Map<string, FleetProcess>();

  constructor(field: Field, rng: Rng) {
    this.#field = field;
    this.fleet = new Fleet(fleetSettings(field.connectionString, null), rng);
  }

  /**
   * Starts so many; resolves when they are ready and have added the days of a new database, for
   * which tables are locked: the faults are to meet the firing and nothing else.
   */
  async startMany(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) this.start();
    await this.fleet.ready(count);
    await until(() => this.fleet.all.some((process) => process.count(tidied) > 0), {
      what: "the first housekeeping",
    });
  }

  start(): FleetProcess {
    const name = `scheduler${this.#names.size}`;
    const { connectionString } = this.#field;
    const separator = connectionString.includes("?") ? "&" : "?";
    const process = this.fleet.start({
      connectionString: `${connectionString}${separator}application_name=${name}`,
    });
    this.#names.set(name, process);
    return process;
  }

  /** Resolves with one that has a connection in such a state. */
  async find(condition: string): Promise<FleetProcess> {
    return await until(
      async () => {
        const rows = await this.#field.query(
          `select application_name as name from pg_stat_activity
           where datname = current_database() and ${condition}`,
        );
        const found = rows.flatMap((row) => this.#names.get(String(row["name"])) ?? []);
        return found.find((process) => process.isAlive);
      },
      { what: `a scheduler with ${condition}` },
    );
  }

  /** Kills one and starts another in its place. */
  async replace(process: FleetProcess): Promise<void> {
    await this.fleet.kill(process);
    this.start();
  }
}

/** What the statement that writes occurrences looks like, as far as the server tells it. */
const writes: Readonly<Record<TriggerKind, string>> = {
  calendar: "query like '%.occurrence (trigger_id,%'",
  adaptive: "query like '%for no key update skip locked%'",
};

function waitsToWrite(kind: TriggerKind): string {
  return `wait_event_type = 'Lock' and ${writes[kind]}`;
}

function waitsToCommit(kind: TriggerKind): string {
  return `state = 'idle in transaction' and ${writes[kind]}`;
}

/** Lets nobody write occurrences until disposed; whoever has none to write goes on. */
async function holdOccurrences(field: Field): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: field.connectionString });
  await client.connect();
  const parts = await client.query<{ names: string }>(
    `select string_agg(inhrelid::regclass::text, ', ' order by inhrelid) as names
     from pg_inherits where inhparent = 'orrery.occurrence'::regclass`,
  );
  await client.query("begin");
  await client.query(`lock table ${present(parts.rows[0], "partitions").names} in share mode`);
  return { [Symbol.asyncDispose]: async () => await client.end() };
}

/**
 * A process that has the triggers locked and their occurrences written, and stands still. Nobody
 * writes any from before `prepare` on.
 */
async function freezeBeforeCommit(
  field: Field,
  schedulers: Schedulers,
  { kind, prepare }: { readonly kind: TriggerKind; readonly prepare?: () => Promise<void> },
): Promise<FleetProcess> {
  let victim: FleetProcess;
  {
    await using _held = await holdOccurrences(field);
    await prepare?.();
    victim = await schedulers.find(waitsToWrite(kind));
    victim.signal("SIGSTOP");
    await victim.stopped();
  }
  await schedulers.find(waitsToCommit(kind));
  return victim;
}

/** Where one is killed, and what it is firing. */
interface Fault {
  readonly kind: TriggerKind;
  readonly place: (typeof places)[number];
  /** Milliseconds after triggers come due, where the place is left to chance. */
  readonly offsetMs: number;
}

async function killOne(field: Field, schedulers: Schedulers, fault: Fault): Promise<void> {
  const { kind } = fault;
  if (fault.place === "before the commit") {
    await schedulers.replace(await freezeBeforeCommit(field, schedulers, { kind }));
  } else if (fault.place === "before writing") {
    await using _held = await holdOccurrences(field);
    await schedulers.replace(await schedulers.find(waitsToWrite(kind)));
  } else {
    const nextMs = (await field.store.triggers.findNextFireMs()) ?? 0;
    await delay(systemClock, Math.max(nextMs, 0) + fault.offsetMs);
    await schedulers.replace(await schedulers.fleet.pick());
  }
}

/** Resolves when no trigger is overdue: somebody has fired what the victim left. */
async function caughtUp(field: Field): Promise<void> {
  await until(async () => ((await field.store.triggers.findNextFireMs()) ?? 0) > 0, {
    what: "the triggers to be fired",
    everyMs: 10,
  });
}

/** Each with a statement that answers what breaks it. */
const laws: Readonly<Record<string, string>> = {
  "no occurrence has two runs": `
    select trigger_id, fire_at from runs group by trigger_id, fire_at having count(*) > 1`,
  "every fired occurrence has its run, and every run its occurrence": `
    select * from runs full join fired using (trigger_id, fire_at, run_id)
    where runs.run_id is null or fired.run_id is null`,
  "from each fire time to the next is one interval, or they were made one": `
    select * from steps
    where fire_at - before > interval '1 second' and verdict_before <> 'coalesced'`,
  "fire times are whole seconds from the first": `
    select steps.*
    from steps cross join (select min(fire_at) as first from orrery.occurrence) as start
    where extract(epoch from fire_at - first) % 1 <> 0 or (before is null and fire_at <> first)`,
  "every trigger goes on after its last occurrence": `
    select trigger.id, max(fire_at)
    from orrery.trigger left join orrery.occurrence on trigger_id = trigger.id
    where trigger.interval_ms is null
    group by trigger.id
    having max(fire_at) is null or trigger.next_fire_at - max(fire_at) <> interval '1 second'`,
  "every adaptive trigger goes on after its last run": `
    select trigger.id, trigger.next_fire_at, max(finished_at)
    from orrery.trigger left join orrery.attempt on trigger_id = trigger.id
    where trigger.interval_ms is not null
    group by trigger.id
    having max(finished_at) is null
      or trigger.next_fire_at is null or trigger.next_fire_at <= max(finished_at)`,
};

async function auditFiring(field: Field): Promise<readonly object[]> {
  const breaches: object[] = [];
  for (const [law, broken] of Object.entries(laws)) {
    const rows = await field.query(
      `with runs as (
         select trigger_id, fire_at, run_id from orrery.attempt where final
         union all select trigger_id, fire_at, id from orrery.run
       ),
       fired as (
         select trigger_id, fire_at, run_id from orrery.occurrence where verdict = 'fired'
       ),
       steps as (
         select *, lag(fire_at) over each_trigger as before,
           lag(verdict) over each_trigger as verdict_before
         from orrery.occurrence
         where trigger_id in (select id from orrery.trigger where interval_ms is null)
         window each_trigger as (partition by trigger_id order by fire_at)
       )
       select * from (${broken}) as broken limit 5`,
    );
    if (rows.length > 0) breaches.push({ law, rows });
  }
  return breaches;
}

async function stopAll(fleet: Fleet): Promise<void> {
  for (const process of fleet.processes) process.signal("SIGTERM");
  await Promise.all(fleet.processes.map(async (process) => await process.exited));
}

test.each<TriggerKind>(["calendar", "adaptive"])(
  "schedulers killed again and again give each %s occurrence exactly one run",
  async (kind) => {
    const rng = seededChance();
    await using database = await createDatabase();
    await using field = await Field.open(database);
    const schedulers = new Schedulers(field, rng);
    await using fleet = schedulers.fleet;
    await schedulers.startMany(schedulerCount);
    await createTriggers(field, kind);
    await using ender = new RunEnder(field);
    const offset = integerBetween(rng, 0, places.length - 1);
    for (let fault = 0; fault < faultCount; fault += 1) {
      const place = present(places[(fault + offset) % places.length], "a place");
      await killOne(field, schedulers, { kind, place, offsetMs: integerBetween(rng, 0, 60) });
      await caughtUp(field);
    }
    await stopAll(fleet);
    await ender.drain();
    expect(await auditFiring(field)).toEqual([]);
    const [counts] = await field.query(
      `select count(distinct trigger_id)::int as triggers,
       count(*) filter (where verdict = 'fired')::int as fired
     from orrery.occurrence`,
    );
    expect(counts?.["triggers"]).toBe(triggerCount);
    expect(counts?.["fired"]).toBeGreaterThan(triggerCount * 5);
  },
);

test("a scheduler that freezes in the midst of firing does not hold up the others", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const schedulers = new Schedulers(field, rng);
  await using fleet = schedulers.fleet;
  await schedulers.startMany(2);
  // Not before the table is held: else a machine that takes a second for it has fired by then, and
  // the frozen one would be woken before the server has given it up.
  const frozen = await freezeBeforeCommit(field, schedulers, {
    kind: "calendar",
    prepare: () => createTriggers(field, "calendar"),
  });
  await using ender = new RunEnder(field);
  // It holds the rows of its triggers until the server gives it up; the other may have some.
  const firedCount = "select count(distinct trigger_id)::int as n from orrery.occurrence";
  await until(async () => (await field.query(firedCount))[0]?.["n"] === triggerCount, {
    what: "the other one to fire all",
    withinMs: frozenMsMax,
  });
  frozen.signal("SIGCONT");
  await frozen.hears((line) => line.kind === "loop_failed", "noticing that it was given up");
  await caughtUp(field);
  await stopAll(fleet);
  await ender.drain();
  expect(await auditFiring(field)).toEqual([]);
});
