/**
 * The other half of the suite over every implementation of the interface: listers, origins, their
 * visits, queue positions and metrics.
 */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StaleData, UnknownPolicy } from "../../src/compat/swh/errors.ts";
import type { Lister, NewListedOrigin } from "../../src/compat/swh/records.ts";
import type { GrabVisits, SwhScheduler } from "../../src/compat/swh/scheduler.ts";
import { addMillis, type Instant, parseInstant } from "../../src/kernel/instant.ts";
import { openSwhRig, type SwhRig } from "../swh/rig.ts";
import { implementations } from "./swh-implementations.ts";

const nobody = "00000000-0000-0000-0000-00000000000a";
const now = parseInstant("2026-03-01T09:00:00.000001Z");

function daysAgo(days: number): Instant {
  return addMillis(now, -days * 86_400_000);
}

describe.each(implementations)("$name", ({ isSeed, open }) => {
  let rig: SwhRig;
  let scheduler: SwhScheduler;

  beforeEach(async () => {
    rig = await openSwhRig();
    scheduler = open(rig);
  });

  afterEach(async () => {
    expect(rig.failures).toEqual([]);
    await rig[Symbol.asyncDispose]();
  });

  async function recorded(
    lister: Lister,
    origins: readonly (Partial<NewListedOrigin> & Pick<NewListedOrigin, "url">)[],
  ): Promise<readonly string[]> {
    const listed = origins.map((origin) => ({ listerId: lister.id, visitType: "git", ...origin }));
    return (await scheduler.recordListedOrigins(listed)).map(({ url }) => url);
  }

  async function grab(request: Partial<GrabVisits> = {}): Promise<readonly string[]> {
    const policy = "never_visited_oldest_update_first";
    const asked = { visitType: "git", count: 10, policy, timestamp: now, ...request };
    return (await scheduler.grabNextVisits(asked)).map(({ url }) => url);
  }

  test("a lister is created once, found by its names, and listed in order", async () => {
    const first = await scheduler.getOrCreateLister({ name: "github", instanceName: "main" });
    expect(await scheduler.getOrCreateLister({ name: "github", instanceName: "main" })).toEqual(
      first,
    );
    const second = await scheduler.getOrCreateLister({ name: "debian" });
    expect(second).toMatchObject({ instanceName: "", currentState: {} });
    expect(await scheduler.getLister({ name: "debian", instanceName: null })).toEqual(second);
    expect(await scheduler.getLister({ name: "github" })).toBeNull();
    expect(await scheduler.getListers()).toEqual([first, second]);
    expect(await scheduler.getListersById([second.id, nobody])).toEqual([second]);
    expect(await scheduler.getListersById([])).toEqual([]);
  });

  test("an id that is none is refused by name", async () => {
    const refused = { fault: "InvalidTextRepresentation" };
    await expect(scheduler.getListersById(["not-a-uuid"])).rejects.toMatchObject(refused);
  });

  test("a lister is updated by who has read it last", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    const state = { page: 2n ** 60n, done: [true, null] };
    const updated = await scheduler.updateLister({ ...lister, currentState: state });
    expect(updated).toEqual({ ...lister, currentState: state, updated: updated.updated });
    expect(updated.updated).toBeGreaterThan(lister.updated);
    await expect(scheduler.updateLister(lister)).rejects.toBeInstanceOf(StaleData);
    await expect(scheduler.updateLister({ ...updated, id: null })).rejects.toBeInstanceOf(
      StaleData,
    );
    expect(await scheduler.getLister({ name: "github" })).toEqual(updated);
  });

  test("the listing columns are kept by a dialect that does not know them", async () => {
    const name = { name: "github", firstVisitsQueuePrefix: "prefix" };
    const created = await rig.scheduler.getOrCreateLister(name);
    const full = { ...created, lastListingFinishedAt: now };
    const stored = await rig.scheduler.updateLister(full);
    const read = await scheduler.getLister({ name: "github" });
    await scheduler.updateLister({ ...(read ?? full), currentState: { page: 1 } });
    const [after] = await rig.scheduler.getListers({ withFirstVisitsToSchedule: true });
    expect(after).toEqual({ ...stored, currentState: { page: 1 }, updated: after?.updated });
  });

  test("of equal origins the last wins, at the place of the first", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    const urls = await recorded(lister, [{ url: "b" }, { url: "a" }, { url: "b", enabled: false }]);
    expect(urls).toEqual(["b", "a"]);
    const page = await scheduler.getListedOrigins({ listerId: lister.id, enabled: null });
    expect(page.results).toMatchObject([
      { url: "a", enabled: true, extraLoaderArguments: {}, lastUpdate: null },
      { url: "b", enabled: false },
    ]);
    expect(page.results[0]?.firstSeen).toBe(page.results[0]?.lastSeen);
    expect(page.nextPageToken).toBeNull();
    expect(await scheduler.recordListedOrigins([])).toEqual([]);
  });

  test("an origin of a lister that is not there is refused by name", async () => {
    const origin = { listerId: nobody, url: "a", visitType: "git" };
    const refused = { fault: "ForeignKeyViolation" };
    await expect(scheduler.recordListedOrigins([origin])).rejects.toMatchObject(refused);
  });

  test("pages go on from their token, and after a full last one comes an empty one", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    await recorded(lister, [{ url: "a" }, { url: "c" }, { url: "é" }, { url: "B" }]);
    const first = await scheduler.getListedOrigins({ limit: 2 });
    expect(first.results.map(({ url }) => url)).toEqual(["B", "a"]);
    expect(first.nextPageToken).toEqual([lister.id, "a"]);
    const second = await scheduler.getListedOrigins({ limit: 2, pageToken: first.nextPageToken });
    expect(second.results.map(({ url }) => url)).toEqual(["c", "é"]);
    const last = await scheduler.getListedOrigins({ limit: 2, pageToken: second.nextPageToken });
    expect(last).toEqual({ results: [], nextPageToken: null });
    expect((await scheduler.getListedOrigins({ url: "c" })).results).toHaveLength(1);
  });

  // The seed dialect has no `urls`, no columns of forks, no `get_visit_types_for_listed_origins`.
  test.skipIf(isSeed)(
    "origins are found by several addresses, with all their columns",
    async () => {
      const lister = await scheduler.getOrCreateLister({ name: "github" });
      const fork = { isFork: true, forkedFromUrl: "a", lastUpdate: now };
      const extra = { extraLoaderArguments: { depth: 1, ratio: 0.5 } };
      await recorded(lister, [{ url: "a" }, { url: "b", ...fork, ...extra }, { url: "c" }]);
      const { results } = await scheduler.getListedOrigins({ urls: ["b", "c", "d"] });
      expect(results.map(({ url }) => url)).toEqual(["b", "c"]);
      expect(results[0]).toMatchObject({ ...fork, ...extra });
      expect(await scheduler.getVisitTypesForListedOrigins(lister)).toEqual(["git"]);
    },
  );

  test("stats are merged: nothing erases nothing, and the counts are always written", async () => {
    const key = { url: "a", visitType: "git" };
    const snapshot = new Uint8Array([0, 255]);
    await scheduler.originVisitStatsUpsert([
      { ...key, lastVisit: now, lastVisitStatus: "failed", lastSnapshot: snapshot },
      { url: "b", visitType: "git", nextVisitQueuePosition: 2n ** 62n },
    ]);
    await scheduler.originVisitStatsUpsert([
      { ...key, lastSuccessful: daysAgo(1), successiveVisits: 7 },
    ]);
    const stats = await scheduler.originVisitStatsGet([
      ["b", "git"],
      ["a", "git"],
      ["absent", "git"],
      ["a", "git"],
    ]);
    const merged = {
      ...key,
      lastSuccessful: daysAgo(1),
      lastVisit: now,
      lastVisitStatus: "failed",
      lastScheduled: null,
      lastSnapshot: snapshot,
      nextVisitQueuePosition: null,
      nextPositionOffset: 4,
      successiveVisits: 7,
    };
    expect(stats).toEqual([
      expect.objectContaining({ url: "b", nextVisitQueuePosition: 2n ** 62n }),
      merged,
      merged,
    ]);
    expect(await scheduler.originVisitStatsGet([])).toEqual([]);
  });

  test("origins are chosen in the order of the policy, and marked", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    await recorded(lister, [
      { url: "new", lastUpdate: daysAgo(1) },
      { url: "old", lastUpdate: daysAgo(9) },
      { url: "unknown" },
      { url: "disabled", lastUpdate: daysAgo(5), enabled: false },
    ]);
    expect(await grab({ count: 1 })).toEqual(["old"]);
    expect(await grab()).toEqual(["new"]);
    expect(await grab()).toEqual([]);
    expect(await grab({ policy: "origins_without_last_update" })).toEqual(["unknown"]);
    const off = { absoluteCooldown: null, scheduledCooldown: null };
    expect(await grab({ ...off, listerName: "github" })).toEqual(["old", "new"]);
    expect(await grab({ ...off, listerUuid: nobody })).toEqual([]);
    expect(await grab({ ...off, enabled: false })).toEqual(["disabled"]);
    expect(await scheduler.originVisitStatsGet([["old", "git"]])).toMatchObject([
      { lastScheduled: now },
    ]);
  });

  // The seed dialect has no `dry_run` and no `stop_after_success`.
  test.skipIf(isSeed)("a dry run chooses and marks nothing", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    await recorded(lister, [{ url: "a", lastUpdate: daysAgo(1) }]);
    expect(await grab({ dryRun: true })).toEqual(["a"]);
    expect(await grab({ dryRun: true, policy: "stop_after_success" })).toEqual(["a"]);
    expect(await grab()).toEqual(["a"]);
  });

  test("a policy that is none is refused by name", async () => {
    const refusal = grab({ policy: "no_such_policy" });
    await expect(refusal).rejects.toBeInstanceOf(UnknownPolicy);
    await expect(refusal).rejects.toMatchObject({ code: "ORR_INPUT_POLICY" });
  });

  test("queue positions are kept by visit type, to 64 bits", async () => {
    await scheduler.visitSchedulerQueuePositionSet("git", 2n ** 63n - 1n);
    await scheduler.visitSchedulerQueuePositionSet("hg", -3);
    await scheduler.visitSchedulerQueuePositionSet("hg", 5);
    const positions = await scheduler.visitSchedulerQueuePositionGet();
    expect(Object.fromEntries(positions)).toEqual({ git: 2n ** 63n - 1n, hg: 5 });
    const beyond = scheduler.visitSchedulerQueuePositionSet("git", 2n ** 63n);
    await expect(beyond).rejects.toMatchObject({ fault: "NumericValueOutOfRange" });
  });

  test("metrics are counted on request, and kept", async () => {
    const lister = await scheduler.getOrCreateLister({ name: "github" });
    await recorded(lister, [
      { url: "a", lastUpdate: now },
      { url: "b" },
      { url: "c", enabled: false },
    ]);
    await scheduler.originVisitStatsUpsert([
      { url: "a", visitType: "git", lastSuccessful: daysAgo(1), lastSnapshot: new Uint8Array(20) },
    ]);
    const counted = [
      {
        listerId: lister.id,
        visitType: "git",
        lastUpdate: now,
        originsKnown: 3,
        originsEnabled: 2,
        originsNeverVisited: 1,
        originsWithPendingChanges: 1,
      },
    ];
    expect(await scheduler.updateMetrics({ timestamp: now })).toEqual(counted);
    expect(await scheduler.getMetrics({ listerId: lister.id, visitType: "git" })).toEqual(counted);
    expect(await scheduler.getMetrics({ visitType: "hg" })).toEqual([]);
    expect(await scheduler.updateMetrics({ listerId: nobody })).toEqual([]);
  });
});
