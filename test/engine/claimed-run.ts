/** A claimed run made up for tests of pure code. */

import { parseInstant } from "../../src/kernel/instant.ts";
import type { FencingToken, RunId, TaskTypeId } from "../../src/kernel/ids.ts";
import { toId } from "../../src/kernel/ids.ts";
import type { ClaimedRun } from "../../src/model/run.ts";

/** What of a claimed run can be said; numbers are made ids. */
export interface ClaimedRunFields extends Partial<Omit<ClaimedRun, "id" | "fence" | "typeId">> {
  readonly id?: number;
  readonly fence?: number;
  readonly typeId?: number;
}

/** A claimed run in its first attempt, without task. */
export function claimedRun(fields: ClaimedRunFields = {}): ClaimedRun {
  const dueAt = parseInstant("2026-03-01T09:00:00Z");
  return {
    taskId: null,
    triggerId: null,
    priority: "normal",
    input: null,
    overrides: {},
    attempt: 1,
    failureCount: 0,
    lostCount: 0,
    fireAt: null,
    dueAt,
    intervalMs: null,
    isMissed: false,
    ...fields,
    id: toId<RunId>(fields.id ?? 1, "id"),
    fence: toId<FencingToken>(fields.fence ?? 1, "fence"),
    typeId: toId<TaskTypeId>(fields.typeId ?? 1, "typeId"),
  };
}
