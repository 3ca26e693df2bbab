/** The native frontier, local and remote: the same answers to the same calls. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Frontier, NextVisitsRequest } from "../../src/api/frontier.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;

beforeEach(async () => {
  rig = await openSchedulerRig({ worker: false });
});

afterEach(async () => {
  expect([rig.breaches, rig.errors]).toEqual([[], []]);
  await rig[Symbol.asyncDispose]();
});

const first = { url: "https://e.org/a", visitType: "git" };
const second = { url: "https://e.org/b", visitType: "git" };
const next: NextVisitsRequest = {
  visitType: "git",
  policy: "oldest-scheduled-first",
  count: 10,
};

describe.each(["local", "remote"] as const)("%s", (kind) => {
  const of = (): Frontier => (kind === "local" ? rig.orrery : rig.remote).frontier;

  it("records what a lister has found, and lists nothing twice", async () => {
    const loaderArguments = { depth: 1 };
    const lastUpdateAt = "2026-01-02T03:04:05.000006Z";
    const request = {
      lister: { name: "forge", instanceName: "e.org" },
      origins: [{ ...first, loaderArguments, lastUpdateAt, isFork: false }, second],
    };
    const imported = await of().importOrigins({ ...request, finished: true });
    expect(imported).toMatchObject({
      recorded: 2,
      lister: { name: "forge", instanceName: "e.org", listingFinishedAt: expect.any(String) },
    });
    await of().importOrigins(request);
    expect(await of().listListers()).toMatchObject([{ id: imported.lister.id }]);
    const { origins, explanation } = await of().peekVisits(next);
    expect(explanation).toBeNull();
    expect(origins.toSorted((left, right) => (left.url < right.url ? -1 : 1))).toMatchObject([
      { ...first, listerId: imported.lister.id, loaderArguments, lastUpdateAt, isFork: false },
      { ...second, loaderArguments: {}, lastUpdateAt: null, isFork: null, enabled: true },
    ]);
  });

  it("overwrites what was listed before, also what visits have changed of it", async () => {
    const lastUpdateAt = "2026-01-02T03:04:05.000006Z";
    const listed = { ...first, lastUpdateAt, loaderArguments: { depth: 1 } };
    const request = { lister: { name: "forge" }, origins: [listed], finished: true };
    const imported = await of().importOrigins(request);
    const failed = [1, 2, 3].map((day) => ({
      ...first,
      at: `2026-02-0${day}T00:00:00Z`,
      outcome: "failed" as const,
    }));
    expect(await of().reportVisits(failed)).toEqual({ applied: 3, disabled: 1 });
    expect((await of().peekVisits({ ...next, enabled: false })).origins).toMatchObject([listed]);
    const again = await of().importOrigins({
      ...request,
      origins: [{ ...first, loaderArguments: { depth: 2 } }],
    });
    expect(again.lister.id).toBe(imported.lister.id);
    expect(again.lister.listingFinishedAt).not.toBe(imported.lister.listingFinishedAt);
    expect((await of().peekVisits({ ...next, cooldowns: { failedMs: 0 } })).origins).toMatchObject([
      { ...first, enabled: true, lastUpdateAt: null, loaderArguments: { depth: 2 } },
    ]);
  });

  it("chooses each origin once, and says how", async () => {
    await of().importOrigins({ lister: { name: "forge" }, origins: [first, second] });
    const at = "2026-06-01T00:00:00.000000Z";
    const one = await of().nextVisits({ ...next, count: 1, at, explain: true });
    expect(one).toMatchObject({ origins: [{ visitType: "git" }], explanation: { at } });
    const rest = await of().nextVisits({ ...next, at });
    expect([...one.origins, ...rest.origins].map(({ url }) => url).toSorted()).toEqual([
      first.url,
      second.url,
    ]);
    expect((await of().nextVisits({ ...next, at })).origins).toEqual([]);
    const cooldowns = { absoluteMs: null, scheduledMs: 0 };
    expect((await of().peekVisits({ ...next, at, cooldowns })).origins).toHaveLength(2);
    expect((await of().peekVisits({ ...next, at, cooldowns, enabled: false })).origins).toEqual([]);
  });

  it("notes what came of visits, and counts", async () => {
    const { lister } = await of().importOrigins({
      lister: { name: "forge" },
      origins: [{ ...first, lastUpdateAt: "2026-03-01T00:00:00Z" }, second],
    });
    const at = "2026-02-01T00:00:00.000000Z";
    const reports = [
      { ...first, at, outcome: "successful", snapshot: "00ff" },
      { ...first, at, outcome: "failed" },
    ] as const;
    expect(await of().reportVisits(reports)).toEqual({ applied: 1, disabled: 0 });
    expect(await of().getVisitStats([second, first])).toMatchObject([
      { ...first, lastSuccessfulAt: at, lastVisitStatus: "successful", lastSnapshot: "00ff" },
    ]);
    const counts = {
      listerId: lister.id,
      visitType: "git",
      known: 2,
      enabled: 2,
      neverVisited: 1,
      withPendingChanges: 1,
    };
    expect(await of().countOrigins({ listerId: lister.id })).toMatchObject([counts]);
    expect(await of().countOrigins()).toMatchObject([counts]);
    expect(await of().countOrigins({ visitType: "svn" })).toEqual([]);
  });
});
