/** How the queue of a visit type is filled: its length, who chooses, when nothing is looked for. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { VisitTypeOptions } from "../../src/api/visits.ts";
import { openVisitRig, urlOf, type VisitRig } from "./stepped-rig.ts";

const dated = { lastUpdateAt: "2025-12-01T00:00:00.000000Z" };

function many(count: number, from = 0, facts: object = dated): { readonly url: string }[] {
  return Array.from({ length: count }, (_, index) => ({ url: urlOf(from + index), ...facts }));
}

async function open(git: Partial<VisitTypeOptions>, slotCount = 1_000): Promise<VisitRig> {
  return await openVisitRig({ answer: () => ({ snapshot: "ab" }), git, slotCount });
}

describe("the queue of a visit type", () => {
  it("is filled to its length, and again when enough of it has been worked off", async () => {
    const rig = await open({ queueLength: 100, refillPart: 0.2 }, 10);
    await rig.list(many(300));
    const { visits } = rig.stepped.orrery;
    expect(await visits.refill("git")).toEqual({
      visitType: "git",
      state: "filled",
      unfinishedCount: 0,
      roomLeft: 0,
      taken: { "never-visited-oldest-update-first": 100 },
    });
    const lengths: number[] = [];
    for (let step = 0; step < 3; step += 1) {
      // Works ten off, after it has looked at the queue.
      expect(await rig.stepped.step()).toBe(10);
      lengths.push((await visits.list())[0]?.unfinishedCount ?? 0);
    }
    expect(lengths).toEqual([90, 80, 90]);
    expect(await visits.refill("git")).toMatchObject({ state: "full", unfinishedCount: 90 });
  });

  it("counts runs that somebody asked for, and keeps to the type's own limit", async () => {
    const rig = await openVisitRig({
      answer: () => ({ snapshot: "ab" }),
      git: { queueLength: 50 },
      limits: { unfinishedMax: 20 },
    });
    await rig.list(many(100));
    const runs = Array.from({ length: 5 }, () => ({ type: "load-git", input: {} }));
    await rig.stepped.orrery.enqueue(runs);
    const refill = await rig.stepped.orrery.visits.refill("git");
    expect(refill).toMatchObject({ state: "filled", unfinishedCount: 5, roomLeft: 0 });
    expect(refill.taken).toEqual({ "never-visited-oldest-update-first": 15 });
    expect(await rig.stepped.step()).toBe(20);
    // The five were no visits: they told the frontier nothing.
    expect(
      await rig.database.query(
        "select count(*)::int as n from orrery.origin where last_visit_at is not null",
      ),
    ).toEqual([{ n: 15 }]);
  });

  it("is filled in batches of a thousand, whatever its length", async () => {
    const rig = await open({ queueLength: 1_500 });
    await rig.list(many(2_000));
    const { visits } = rig.stepped.orrery;
    expect(await visits.refill("git")).toMatchObject({ state: "filled", roomLeft: 500 });
    expect(await visits.refill("git")).toMatchObject({ state: "filled", roomLeft: 0 });
    expect(await visits.refill("git")).toMatchObject({ state: "full", unfinishedCount: 1_500 });
  });

  it("is left alone while everything or its task type is paused", async () => {
    const rig = await open({});
    await rig.list(many(10));
    const { orrery } = rig.stepped;
    const states: string[] = [];
    const look = async (): Promise<void> => {
      states.push((await orrery.visits.refill("git")).state);
    };
    await orrery.pause();
    await look();
    await orrery.resume();
    await orrery.pauseTaskType("load-git");
    await look();
    await orrery.resumeTaskType("load-git");
    await look();
    expect(states).toEqual(["paused", "paused", "dry"]);
    expect((await orrery.visits.list())[0]?.unfinishedCount).toBe(10);
  });

  it("is marked and queued together: what cannot be queued is not marked", async () => {
    const rig = await open({});
    await rig.list(many(10));
    await rig.database.query(
      "alter table orrery.run add constraint no_visit check (input ->> 'url' not like '%00007.git')",
    );
    await expect(rig.stepped.orrery.visits.refill("git")).rejects.toMatchObject({
      code: "ORR_STORE_REFUSED",
    });
    await rig.database.query("alter table orrery.run drop constraint no_visit");
    const refill = await rig.stepped.orrery.visits.refill("git");
    expect(refill.taken).toEqual({ "never-visited-oldest-update-first": 10 });
  });
});

describe("the room in a queue", () => {
  it("is shared by weight, and what one policy cannot give the others may", async () => {
    const policies = { "never-visited-oldest-update-first": 3, "without-last-update": 1 };
    const rig = await open({ queueLength: 40, policies });
    await rig.list([...many(35), ...many(50, 35, {})]);
    const { visits } = rig.stepped.orrery;
    const taken: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      taken.push((await visits.refill("git")).taken);
      await rig.stepped.step();
    }
    expect(taken).toEqual([
      { "never-visited-oldest-update-first": 30, "without-last-update": 10 },
      { "never-visited-oldest-update-first": 5, "without-last-update": 35 },
      { "without-last-update": 5 },
    ]);
  });

  it("is never overfilled and never left free while there is something to visit", async () => {
    const rig = await open({ queueLength: 60, refillPart: 0 });
    let listed = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(50), fc.nat(50), async (datedCount, undatedCount) => {
        await rig.database.query("delete from orrery.run");
        await rig.list(many(datedCount, listed));
        await rig.list(many(undatedCount, listed + datedCount, {}));
        listed += datedCount + undatedCount;
        const count = async (): Promise<number> => {
          const rows = await rig.database.query("select count(*)::int as n from orrery.frontier");
          return Number(rows[0]?.["n"]);
        };
        const ready = await count();
        const refill = await rig.stepped.orrery.visits.refill("git");
        const queued = Object.values(refill.taken).reduce((sum, each) => sum + each, 0);
        expect(queued).toBe(Math.min(ready, 60));
        expect(refill.state).toBe(ready < 60 ? "dry" : "filled");
        expect(await count()).toBe(ready - queued);
      }),
      { numRuns: 25 },
    );
  });

  it("goes to one visit of an origin that two listers list", async () => {
    const rig = await open({ policies: { "oldest-scheduled-first": 1 } });
    await rig.list(many(20), { name: "one" });
    await rig.list(many(20), { name: "other" });
    expect(await rig.stepped.step()).toBe(20);
    expect(new Set(rig.visited.map((input) => input["url"])).size).toBe(20);
  });

  it("follows cool-downs of a policy's own", async () => {
    const cooldowns = { absoluteMs: 3_600_000, scheduledMs: 3_600_000 };
    const rig = await open({ policies: { "oldest-scheduled-first": { weight: 1, cooldowns } } });
    await rig.list(many(5));
    expect(await rig.stepped.step()).toBe(5);
    rig.stepped.clock.advance(3_000_000);
    expect(await rig.stepped.step()).toBe(0);
    rig.stepped.clock.advance(3_000_000);
    expect(await rig.stepped.step()).toBe(5);
  });
});

describe("first visits", () => {
  const forge = { name: "forge", firstVisits: true };

  async function completedAt(rig: VisitRig): Promise<unknown> {
    const rows = await rig.database.query(
      "select first_visits_scheduled_at is not null as done from orrery.lister where name = 'forge'",
    );
    return rows[0]?.["done"];
  }

  it("get their part of the room before the policies, and a higher priority", async () => {
    const rig = await open({ queueLength: 40, firstVisits: { part: 0.25, priority: "high" } });
    await rig.list(many(100), { name: "old" });
    await rig.list(many(100, 100, {}), forge);
    const refill = await rig.stepped.orrery.visits.refill("git");
    expect(refill.taken["first-visits-after-listing"]).toBe(10);
    const rows = await rig.database.query(
      "select priority, count(*)::int as n from orrery.run group by priority order by priority",
    );
    expect(rows).toEqual([
      { priority: 1, n: 10 },
      { priority: 2, n: 30 },
    ]);
  });

  it("have all the room that the policies leave, and end when all were scheduled", async () => {
    const rig = await open({ queueLength: 40, policies: { "already-visited-by-lag": 1 } });
    await rig.list(many(100), forge);
    const steps: [number, unknown][] = [];
    for (let step = 0; step < 4; step += 1) {
      steps.push([await rig.stepped.step(), await completedAt(rig)]);
    }
    expect(steps).toEqual([
      [40, false],
      [40, false],
      [20, true],
      [0, true],
    ]);
    expect(new Set(rig.visited.map((input) => input["policy"]))).toEqual(
      new Set(["first-visits-after-listing"]),
    );
  });

  it("leave the policies what they do not need, for instance all when nobody asks for them", async () => {
    const rig = await open({ queueLength: 40 });
    await rig.list(many(100), { name: "forge" });
    const { taken } = await rig.stepped.orrery.visits.refill("git");
    expect(taken).toEqual({ "never-visited-oldest-update-first": 40 });
    expect(await completedAt(rig)).toBe(false);
  });

  it("wait for the end of the listing, and for other visit types of the lister", async () => {
    const rig = await open({ policies: { "already-visited-by-lag": 1 } });
    const { frontier } = rig.stepped.orrery;
    await frontier.importOrigins({ lister: forge, origins: [{ url: urlOf(1), visitType: "git" }] });
    expect(await rig.stepped.step()).toBe(0);
    const origins = [{ url: urlOf(2), visitType: "svn" }];
    await frontier.importOrigins({ lister: forge, origins, finished: true });
    expect(await rig.stepped.step()).toBe(1);
    expect(await completedAt(rig)).toBe(false);
    await frontier.nextVisits({ visitType: "svn", policy: "oldest-scheduled-first", count: 1 });
    expect(await rig.stepped.step()).toBe(0);
    expect(await completedAt(rig)).toBe(true);
  });

  it("are not made where the configuration says so", async () => {
    const rig = await open({ firstVisits: false, policies: { "already-visited-by-lag": 1 } });
    await rig.list(many(10), forge);
    expect(await rig.stepped.step()).toBe(0);
    expect(await completedAt(rig)).toBe(false);
  });
});
