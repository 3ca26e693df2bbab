/**
 * Goal: silence counts only where the asking came by. Method: answers to one request for three
 * types, of which the third has limits, and what is said of each.
 */

import { expect, test } from "vitest";
import { claimedRun } from "../../test/engine/claimed-run.ts";
import { type TaskTypeId, toId } from "../kernel/ids.ts";
import type { ClaimRequest } from "../model/claim-request.ts";
import type { ClaimedRun } from "../model/run.ts";
import { surveyClaim } from "./claim-survey.ts";

const first = toId<TaskTypeId>(1, "type");
const second = toId<TaskTypeId>(2, "type");
const limited = toId<TaskTypeId>(3, "type");

function request(wanted: Pick<ClaimRequest, "limit" | "levels">): ClaimRequest {
  return {
    ...wanted,
    workerId: toId(1, "worker"),
    leaseMs: 1_000,
    limited: [limited],
    probes: wanted.levels.flatMap(({ level }) =>
      [first, second, limited].map((typeId) => ({ typeId, level, limit: 2, dueFrom: null })),
    ),
  };
}

function runs(counts: readonly (readonly [TaskTypeId, number])[]): readonly ClaimedRun[] {
  return counts.flatMap(([typeId, count]) =>
    Array.from({ length: count }, () => claimedRun({ typeId, priority: "normal" })),
  );
}

const level = 2;
const none: ReadonlySet<TaskTypeId> = new Set();

test("who was asked and gave less than it might has no more", () => {
  const asked = request({ limit: 9, levels: [{ level, limit: 9 }] });
  const given = {
    runs: runs([
      [first, 2],
      [second, 1],
    ]),
    isPassedOver: false,
  };
  expect(surveyClaim(asked, given, none).standings).toEqual([
    { typeId: first, level, hasMore: true },
    { typeId: second, level, hasMore: false },
    { typeId: limited, level, hasMore: false },
  ]);
});

test.each([
  { what: "slots", limit: 1, levelLimit: 9 },
  { what: "a level's share", limit: 9, levelLimit: 1 },
])("where $what ended the asking, the last may have more and others were not asked", (given) => {
  const asked = request({ limit: given.limit, levels: [{ level, limit: given.levelLimit }] });
  const survey = surveyClaim(asked, { runs: runs([[second, 1]]), isPassedOver: false }, none);
  expect(survey.standings).toEqual([
    { typeId: first, level, hasMore: false },
    { typeId: second, level, hasMore: true },
  ]);
});

test("nothing is known of types that another process may have held", () => {
  const asked = request({ limit: 9, levels: [{ level, limit: 9 }] });
  const survey = surveyClaim(asked, { runs: runs([[first, 1]]), isPassedOver: true }, none);
  expect(survey.unknown).toEqual(new Set([limited]));
  expect(survey.standings.map((each) => each.typeId)).toEqual([first, second]);
});
