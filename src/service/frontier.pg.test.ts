/** What is imported while somebody else changes the same. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig, startAt } from "../../test/service/rig.ts";
import { somebodyWaits } from "../../test/postgres/waits.ts";
import { formatInstant } from "../kernel/instant.ts";
import type { OriginsImported } from "./frontier.ts";

/** Imports while a transaction that has changed the lister is still to end. */
async function importWhile(
  { service, database }: ServiceRig,
  change: { readonly set: string; readonly request: object },
): Promise<OriginsImported> {
  const other = new Client({ connectionString: database.connectionString });
  await other.connect();
  await other.query("begin");
  await other.query(
    `update orrery.lister set ${change.set}, updated_at = updated_at + interval '1 second'`,
  );
  const imported = service.importOrigins(change.request);
  await somebodyWaits(database);
  await other.query("commit");
  await other.end();
  return await imported;
}

const origins = [{ url: "https://e.org/a", visitType: "git" }];

test("an import ends its listing although the lister changes meanwhile", async () => {
  await using rig = await openServiceRig([]);
  await rig.service.importOrigins({ lister: { name: "forge" }, origins });
  const request = { lister: { name: "forge", firstVisits: true }, origins, finished: true };
  const { lister } = await importWhile(rig, { set: `state = '{"page": 2}'`, request });
  expect(lister).toMatchObject({
    stateJson: '{"page": 2}',
    firstVisitsQueuePrefix: "first_visits",
  });
  expect(lister.listingFinishedAt && formatInstant(lister.listingFinishedAt)).toBe(startAt);
  expect(await rig.service.listListers()).toEqual([lister]);
});

test("an import keeps a queue of first visits that somebody names meanwhile", async () => {
  await using rig = await openServiceRig([]);
  await rig.service.importOrigins({ lister: { name: "forge" }, origins });
  const set = "first_visits_queue_prefix = 'theirs'";
  const wanting = { lister: { name: "forge", firstVisits: true }, origins };
  const { lister } = await importWhile(rig, { set, request: wanting });
  expect(lister.firstVisitsQueuePrefix).toBe("theirs");
  const { lister: again } = await rig.service.importOrigins(wanting);
  expect(again).toEqual(lister);
  const refusing = { lister: { name: "forge", firstVisits: false }, origins };
  const { lister: without } = await rig.service.importOrigins(refusing);
  expect(without.firstVisitsQueuePrefix).toBeNull();
});
