/** Where the local scheduler does better than the reference: races, page ends, large calls. */

import { expect, test } from "vitest";
import { openSwhRig, type SwhRig } from "../../../test/swh/rig.ts";
import type { ListedOrigin } from "./records.ts";
import type { ListedOriginPage } from "./scheduler.ts";

async function listerId(rig: SwhRig): Promise<string> {
  return (await rig.scheduler.getOrCreateLister({ name: "github" })).id;
}

test("of callers that create one lister at once, each is given the same", async () => {
  await using rig = await openSwhRig();
  for (const name of ["a", "b", "c", "d", "e"]) {
    const calls = Array.from({ length: 8 }, () => rig.scheduler.getOrCreateLister({ name }));
    const ids = new Set((await Promise.all(calls)).map(({ id }) => id));
    expect(ids.size).toBe(1);
  }
  expect(await rig.scheduler.getListers()).toHaveLength(5);
});

test("an update of a lister that two have read is made by one of them", async () => {
  await using rig = await openSwhRig();
  const lister = await rig.scheduler.getOrCreateLister({ name: "github" });
  const updates = Array.from({ length: 8 }, (_, page) =>
    rig.scheduler.updateLister({ ...lister, currentState: { page } }),
  );
  const settled = await Promise.allSettled(updates);
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("pages lose no origin, whatever its visit types are and wherever they end", async () => {
  await using rig = await openSwhRig();
  const id = await listerId(rig);
  const types = ["git", "hg", "svn"];
  const listed = ["a", "b", "c", "d"].flatMap((url) =>
    types.map((visitType) => ({ listerId: id, url, visitType })),
  );
  await rig.scheduler.recordListedOrigins(listed);
  for (const limit of [1, 2, 3, 4, 5, 7]) {
    const found: ListedOrigin[] = [];
    let pageToken: ListedOriginPage["nextPageToken"] = null;
    do {
      const page: ListedOriginPage = await rig.scheduler.getListedOrigins({ limit, pageToken });
      found.push(...page.results);
      pageToken = page.nextPageToken;
    } while (pageToken !== null && found.length < 100);
    expect(found.map(({ url, visitType }) => ({ listerId: id, url, visitType }))).toEqual(listed);
  }
});

test("two calls that list the same thousands in any order do not stop each other", async () => {
  await using rig = await openSwhRig();
  const id = await listerId(rig);
  const listed = Array.from({ length: 2_500 }, (_, number) => ({
    listerId: id,
    // Beyond the basic plane the order of texts here is not that of the database.
    url: number % 2 === 0 ? `\u{1f600}${number}` : `\ufb00${number}`,
    visitType: "git",
  }));
  const inReverse = listed.toReversed();
  await rig.scheduler.recordListedOrigins(listed);
  for (let round = 0; round < 8; round += 1) {
    const calls = [listed, inReverse].map((each) => rig.scheduler.recordListedOrigins(each));
    for (const origins of await Promise.all(calls)) expect(origins).toHaveLength(2_500);
  }
});

test("what two list at once for the first time is stored once, and chosen once", async () => {
  await using rig = await openSwhRig();
  const ids = [await listerId(rig), (await rig.scheduler.getOrCreateLister({ name: "debian" })).id];
  const urls = Array.from({ length: 200 }, (_, number) => `u${number}`);
  const calls = [...ids, ...ids].map((each) =>
    rig.scheduler.recordListedOrigins(
      urls.map((url) => ({ listerId: each, url, visitType: "git" })),
    ),
  );
  await Promise.all(calls);
  const stored = await rig.database.query("select count(*)::int as n from orrery.origin");
  expect(stored).toEqual([{ n: 200 }]);
  const asked = { visitType: "git", count: 500, policy: "oldest_scheduled_first" };
  const grabs = await Promise.all([1, 2, 3, 4].map(() => rig.scheduler.grabNextVisits(asked)));
  const names = grabs.flat().map(({ listerId: by, url }) => `${by} ${url}`);
  expect(new Set(names).size).toBe(names.length);
  expect(await rig.scheduler.grabNextVisits(asked)).toEqual([]);
  expect(names).toHaveLength(400);
});
