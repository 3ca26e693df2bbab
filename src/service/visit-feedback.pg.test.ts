/** What ends of visits leave behind where several come at once, or a lister writes meanwhile. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { somebodyWaits } from "../../test/postgres/waits.ts";
import { present } from "../kernel/assert.ts";
import type { RunId } from "../kernel/ids.ts";
import type { JsonObject } from "../kernel/json.ts";
import { defineTask } from "../model/define-task.ts";
import { eventful, failed, type Outcome, uneventful } from "../model/outcome.ts";
import { visitOfRun } from "../model/visit-result.ts";
import { finishRuns } from "./visit-feedback.ts";

const url = "https://e.org/a";
const origin = { url, visitType: "git" };
const snapshot = "ab12";

async function openRig(listed: JsonObject = {}): Promise<ServiceRig> {
  const rig = await openServiceRig([defineTask({ name: "load-git", run: () => undefined })]);
  await list(rig, listed);
  return rig;
}

async function list({ service }: ServiceRig, listed: JsonObject): Promise<void> {
  await service.importOrigins({ lister: { name: "forge" }, origins: [{ ...origin, ...listed }] });
}

/** Ends visits of the origin in one batch, in the order of the outcomes. */
async function endVisits(rig: ServiceRig, outcomes: readonly Outcome[]): Promise<readonly RunId[]> {
  const { id: typeId } = await rig.service.getTaskType("load-git");
  const run = { typeId, priority: "normal", concurrencyKey: null, dueAt: null } as const;
  const visiting = { ...run, input: { url }, overrides: { visit: "git" } };
  await rig.store.runs.enqueue(outcomes.map(() => visiting));
  const claimed = await rig.claim();
  return await finishRuns(
    rig.store,
    claimed.map((each, index) => ({
      id: each.id,
      fence: each.fence,
      taskId: null,
      triggerId: null,
      outcome: present(outcomes[index], "an outcome"),
      durationMs: 1,
      nextIntervalMs: null,
      visit: present(visitOfRun(each), "a visit"),
    })),
  );
}

const peek = { visitType: "git", policy: "oldest-scheduled-first", count: 1, enabled: true };
const unhindered = { absoluteMs: null, scheduledMs: null, failedMs: null, notFoundMs: null };

test.each([
  ["the same as what the one before found", [eventful({ snapshot }), uneventful()], 5, 2],
  [
    "the same, whatever failed in between",
    [eventful({ snapshot }), failed(""), uneventful()],
    6,
    1,
  ],
  ["something new", [eventful({ snapshot: "00" }), eventful({ snapshot })], 2, 2],
])("of visits that end together one sees %s", async (...row) => {
  const [, outcomes, positionOffset, successiveVisits] = row;
  await using rig = await openRig();
  expect(await endVisits(rig, outcomes)).toHaveLength(outcomes.length);
  expect(await rig.service.getVisitStats([origin])).toMatchObject([
    { lastSnapshot: Uint8Array.of(0xab, 0x12), positionOffset, successiveVisits },
  ]);
});

test("an update that a visit has learnt leaves all else as the lister says meanwhile", async () => {
  await using rig = await openRig({ loaderArguments: { depth: 1 } });
  const lister = new Client({ connectionString: rig.database.connectionString });
  await lister.connect();
  await lister.query("begin");
  await lister.query(`update orrery.listing set loader_arguments = '{"depth": 2}', is_fork = true`);
  const lastUpdateAt = "2026-02-01T00:00:00.000000Z";
  const ended = endVisits(rig, [eventful({ snapshot, lastUpdateAt })]);
  await somebodyWaits(rig.database);
  await lister.query("commit");
  await lister.end();
  expect(await ended).toHaveLength(1);
  const { origins } = await rig.service.peekVisits({ ...peek, cooldowns: unhindered });
  expect(origins).toMatchObject([
    { loaderArgumentsJson: '{"depth": 2}', isFork: true, lastUpdateAt: 1_769_904_000_000_000n },
  ]);
});

test("of updates that several visits have learnt the latest is kept", async () => {
  await using rig = await openRig();
  const learnt = (lastUpdateAt: string): Outcome => eventful({ snapshot, lastUpdateAt });
  await endVisits(rig, [learnt("2026-02-01T00:00:00Z"), learnt("2026-01-01T00:00:00Z")]);
  const { origins } = await rig.service.peekVisits({ ...peek, cooldowns: unhindered });
  expect(origins).toMatchObject([{ lastUpdateAt: 1_769_904_000_000_000n }]);
});
