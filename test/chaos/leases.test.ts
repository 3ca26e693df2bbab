/**
 * What a lease guarantees while processes come at once, late, with wrong clocks and in other time
 * zones. The rules are those of `test/vectors/ghc/lease-contract.json`, whose names open the
 * titles; `lease-faults.test.ts` has those that need a process or a connection to break.
 *
 * Not tested, because there is nothing yet that they could be tested on: see `outOfScope`.
 */

import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

import { present } from "../../src/kernel/assert.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { addMillis, formatInstant, parseInstant } from "../../src/kernel/instant.ts";
import { LeaseField, type LeaseProcess, toldLease } from "./lease-process.ts";
import type { Line } from "./parent-lines.ts";

const outOfScope: Readonly<Record<string, string>> = {
  "period-changed-mid-slot": "the triggers of a task cannot be changed yet",
  failover: "needs a replica and a promotion; tokens across them are not promised yet",
};

const ttlMs = 60_000;

/** Started once: each test has a lease of its own name, and a slot of its own. */
let field: LeaseField;
let processes: readonly LeaseProcess[];
let one: LeaseProcess;
let other: LeaseProcess;

beforeAll(async () => {
  field = await LeaseField.open();
  processes = await field.start(8);
  one = present(processes[0], "a process");
  other = present(processes[1], "another process");
});

afterAll(async () => await field[Symbol.asyncDispose]());

function claim(name: string, owner: string): Line {
  return { kind: "claim", name, owner, ttlMs };
}

function grantsOf(answers: readonly Line[]): readonly (number | undefined)[] {
  for (const answer of answers) expect(answer["error"]).toBeUndefined();
  return answers.flatMap((answer) => toldLease(answer["result"])?.token ?? []);
}

test("every rule of the contract is tested or out of scope for a reason", () => {
  const folder = new URL("./", import.meta.url);
  const contract: unknown = JSON.parse(
    readFileSync(new URL("../vectors/ghc/lease-contract.json", folder), "utf8"),
  );
  const cases = isRecord(contract) && Array.isArray(contract["cases"]) ? contract["cases"] : [];
  expect(cases).toHaveLength(30);
  const tests = readdirSync(folder)
    .filter((name) => /^lease.*\.test\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  const untested = cases
    .map((each) => String(each.id))
    .filter((id) => !tests.includes(`"${id}: `) && outOfScope[id] === undefined);
  expect(untested).toEqual([]);
});

test("claim-absent-race: of claims at once on no lease, one is granted, with token 1", async () => {
  for (let round = 0; round < 30; round += 1) {
    const racers = processes.slice(0, [2, 4, 8][round % 3]);
    const order = (index: number): Line => ({
      ...claim(`race ${round}`, `process ${index}`),
      atBarrier: true,
    });
    expect(grantsOf(await field.together(racers, order))).toEqual([1]);
  }
});

test("claim-expired-race: of claims at once on an expired lease one is granted", async () => {
  for (let round = 0; round < 30; round += 1) {
    await field.put({ name: `expired race ${round}`, token: 7, ageMs: 1 });
    const racers = processes.slice(0, [2, 4, 8][round % 3]);
    const order = (index: number): Line => ({
      ...claim(`expired race ${round}`, `process ${index}`),
      atBarrier: true,
    });
    expect(grantsOf(await field.together(racers, order))).toEqual([8]);
  }
});

test("claim-live: a live lease is refused to all and stays as it is", async () => {
  await field.put({ name: "live", token: 7, ageMs: -60_000 });
  const read = "select * from orrery.lease where name = 'live'";
  const before = await field.database.query(read);
  expect(await other.lease(claim("live", "other"))).toBeUndefined();
  expect(await one.lease(claim("live", "former"))).toBeUndefined();
  expect(before).toHaveLength(1);
  expect(await field.database.query(read)).toEqual(before);
});

test("claim-boundary: a lease is live to its last microsecond and then free", async () => {
  const start = "2026-03-01T09:00:00.000000Z";
  const held = await one.lease({ ...claim("edge", "one"), now: start });
  expect(held?.expiresAt).toBe("2026-03-01T09:01:00.000000Z");
  const early = { ...claim("edge", "other"), now: "2026-03-01T09:00:59.999999Z" };
  expect(await other.lease(early)).toBeUndefined();
  const onTime = { ...claim("edge", "other"), now: "2026-03-01T09:01:00.000000Z" };
  expect(await other.lease(onTime)).toMatchObject({ token: 2 });
  const late = { kind: "renew", name: "edge", token: 1, ttlMs, now: "2026-03-01T09:00:59.999999Z" };
  expect(await one.lease(late)).toBeUndefined();
});

test("renew-own: the holder moves the expiry and keeps its token", async () => {
  const held = await one.lease({ ...claim("mine", "one"), now: "2026-03-01T09:00:00Z" });
  const renewal = { kind: "renew", name: "mine", token: 1, ttlMs, now: "2026-03-01T09:00:30Z" };
  expect(held?.token).toBe(1);
  expect(await one.lease(renewal)).toEqual({
    name: "mine",
    token: 1,
    expiresAt: "2026-03-01T09:01:30.000000Z",
  });
});

test("renew-lost: a holder that was succeeded is told to stop", async () => {
  await field.put({ name: "lost", token: 7, ageMs: 1 });
  expect(await other.lease(claim("lost", "other"))).toMatchObject({ token: 8 });
  expect(await one.lease({ kind: "renew", name: "lost", token: 7, ttlMs })).toBeUndefined();
});

test("release-own: a released lease stays as expired, and tokens go on", async () => {
  await one.lease(claim("free", "one"));
  expect(await one.result({ kind: "release", name: "free", token: 1 })).toBe(true);
  expect(
    await field.database.query(
      `select token::int, expires_at <= clock_timestamp() as expired
       from orrery.lease where name = 'free'`,
    ),
  ).toEqual([{ token: 1, expired: true }]);
  expect(await other.lease(claim("free", "other"))).toMatchObject({ token: 2 });
});

test("release-late: a former holder's release does nothing to its successor", async () => {
  await field.put({ name: "late", token: 7, ageMs: 1 });
  const held = await other.lease(claim("late", "other"));
  expect(await one.result({ kind: "release", name: "late", token: 7 })).toBe(false);
  expect(await one.lease(claim("late", "one"))).toBeUndefined();
  expect(await other.lease({ kind: "renew", name: "late", token: 8, ttlMs })).toMatchObject({
    token: held?.token,
  });
});

test("result-fenced: a result under an old token is refused", async () => {
  await field.put({ name: "fenced", token: 7, ageMs: 1 });
  await other.lease(claim("fenced", "other"));
  const result = { kind: "storeResult", name: "fenced", slot: "fenced" };
  expect(await one.result({ ...result, token: 7 })).toBe(false);
  expect(await other.result({ ...result, token: 8 })).toBe(true);
  expect(await field.results("fenced")).toEqual([{ slot: "fenced", token: 8 }]);
});

test("result-expired-but-alone: without a successor a late result counts, once", async () => {
  await field.put({ name: "alone", token: 7, ageMs: 60_000 });
  const result = { kind: "storeResult", name: "alone", slot: "alone", token: 7 };
  expect(await one.result(result)).toBe(true);
  expect(await other.result(result)).toBe(false);
  expect(await field.results("alone")).toEqual([{ slot: "alone", token: 7 }]);
});

test("skew-ahead: a process a day ahead does not get a live lease", async () => {
  const [ahead] = await field.start(1, { skewMs: 86_400_000 });
  await one.lease(claim("ahead", "one"));
  expect(await ahead?.lease(claim("ahead", "ahead"))).toBeUndefined();
});

test("skew-behind: a process a day behind gets an expired lease", async () => {
  const [behind] = await field.start(1, { skewMs: -86_400_000 });
  await field.put({ name: "behind", token: 7, ageMs: 1 });
  expect(await behind?.lease(claim("behind", "behind"))).toMatchObject({ token: 8 });
  expect(
    await field.database.query(
      `select expires_at - clock_timestamp() between interval '30 seconds' and interval '60 seconds'
         as usual
       from orrery.lease where name = 'behind'`,
    ),
  ).toEqual([{ usual: true }]);
});

test("clock-step: a holder whose clock jumps both ways renews as before", async () => {
  await one.lease(claim("step", "one"));
  const renewal = { kind: "renew", name: "step", token: 1, ttlMs };
  for (const skewMs of [86_400_000, -86_400_000, 0]) {
    await one.result({ kind: "skew", skewMs });
    expect(await one.lease(renewal)).toMatchObject({ token: 1 });
    expect(await other.lease(claim("step", "other"))).toBeUndefined();
  }
});

/** Claims, renews and is refused around an instant; what is told of it. */
async function actsAround(
  process: LeaseProcess,
  { zone, at }: { readonly zone: string; readonly at: string },
): Promise<readonly unknown[]> {
  const middle = parseInstant(at);
  const now = (ms: number): string => formatInstant(addMillis(middle, ms));
  const name = `${zone} ${at}`;
  return [
    await process.lease({ ...claim(name, "one"), now: now(-30_000) }),
    await process.lease({ kind: "renew", name, token: 1, ttlMs, now: now(15_000) }),
    await process.lease({ ...claim(name, "other"), now: now(74_999) }),
    await process.lease({ ...claim(name, "other"), now: now(75_000) }),
  ];
}

/** New York's clocks go forward, then back; and a plain day. */
const instants = ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-06-01T12:00:00Z"];

test.each(["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Asia/Kathmandu"])(
  "session-timezone: sessions in %s claim and renew as in UTC",
  async (zone) => {
    const { connectionString } = field.database;
    // The address of the database may set the session's zone, as the server's defaults may.
    const separator = connectionString.includes("?") ? "&" : "?";
    const options = encodeURIComponent(`-c timezone=${zone}`);
    const [process] = await field.start(1, {
      connectionString: `${connectionString}${separator}options=${options}`,
    });
    for (const at of instants) {
      const name = `${zone} ${at}`;
      const end = (ms: number): string => formatInstant(addMillis(parseInstant(at), ms));
      expect(process === undefined ? [] : await actsAround(process, { zone, at })).toEqual([
        { name, token: 1, expiresAt: end(30_000) },
        { name, token: 1, expiresAt: end(75_000) },
        undefined,
        { name, token: 2, expiresAt: end(135_000) },
      ]);
    }
  },
);

test("ttl-shorter-than-run: renewals keep others out of a run ten times as long", async () => {
  const lease = { name: "long", ttlMs: 30_000 };
  const start = parseInstant("2026-03-01T09:00:00Z");
  const now = (second: number): string => formatInstant(addMillis(start, second * 1_000));
  await one.lease({ ...lease, kind: "claim", owner: "one", now: now(0) });
  for (let second = 10; second <= 300; second += 10) {
    // The renewal comes at the same time as what it is to keep out.
    const [renewal, refusal] = await field.together([one, other], (index) => ({
      ...lease,
      ...(index === 0 ? { kind: "renew", token: 1 } : { kind: "claim", owner: "other" }),
      now: now(second),
      atBarrier: true,
    }));
    expect(renewal?.["result"]).toMatchObject({ token: 1 });
    expect(refusal).toMatchObject({ result: null });
  }
  const result = { kind: "storeResult", name: "long", slot: "long", token: 1 };
  expect(await one.result(result)).toBe(true);
});

test.each(["repeatable read", "serializable"])(
  "serialization-failure: of two claims in %s the loser may try again, and is refused",
  async (isolation) => {
    const name = `in ${isolation}`;
    await field.put({ name, token: 7, ageMs: 1 });
    const order = (index: number): Line => ({
      ...claim(name, `process ${index}`),
      kind: "claimWithin",
      isolation,
    });
    const answers = await field.together([one, other], order);
    expect(answers.filter((each) => toldLease(each["result"])?.token === 8)).toHaveLength(1);
    const loser = answers.findIndex((each) => toldLease(each["result"]) === undefined);
    expect(answers[loser]).toMatchObject({ transient: true });
    expect(await one.lease(claim(name, "again"))).toBeUndefined();
  },
);
