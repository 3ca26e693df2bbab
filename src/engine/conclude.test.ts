import { expect, test } from "vitest";
import { claimedRun } from "../../test/engine/claimed-run.ts";
import { createRng } from "../kernel/rng.ts";
import { toId, type WorkerId } from "../kernel/ids.ts";
import {
  cancelled,
  eventful,
  failed,
  lost,
  type Outcome,
  permfailed,
  snoozed,
  uneventful,
} from "../model/outcome.ts";
import { lostCountMax, type RetryPolicy } from "../policy/retry.ts";
import { type Conclusion, conclude } from "./conclude.ts";
import type { ClaimedRunFields } from "../../test/engine/claimed-run.ts";

const retry: RetryPolicy = { limit: 2, delayMs: 100, factor: 2, delayMsMax: 1_000, jitter: 0 };
const interval = { defaultMs: 400, minMs: 100, maxMs: 1_000, factor: 2 };

function concluded(outcome: Outcome, fields: ClaimedRunFields = {}): Conclusion {
  const workerId = toId<WorkerId>(5, "workerId");
  const run = claimedRun(fields);
  return conclude({ run, workerId, outcome, durationMs: 12, retry, interval }, createRng(1));
}

test.each([
  [eventful("x"), 200],
  [uneventful(), 800],
  [permfailed("no"), 400],
  [cancelled("asked"), 400],
])("$kind ends the run and moves its interval to $1 ms", (outcome, nextIntervalMs) => {
  const conclusion = concluded(outcome, { intervalMs: 400 });
  expect(conclusion).toMatchObject({ kind: "finish", run: { outcome, nextIntervalMs } });
});

test("a run without interval gets none", () => {
  expect(concluded(eventful())).toMatchObject({ kind: "finish", run: { nextIntervalMs: null } });
});

test("failures are retried by the policy; the last one keeps the interval", () => {
  const after = (failureCount: number): Conclusion =>
    concluded(failed("no"), { failureCount, intervalMs: 400 });
  expect(after(0)).toMatchObject({ kind: "requeue", run: { delayMs: 100 } });
  expect(after(1)).toMatchObject({ kind: "requeue", run: { delayMs: 200 } });
  expect(after(2)).toMatchObject({ kind: "finish", run: { nextIntervalMs: 400 } });
});

test("the policy of the run wins over that of its type", () => {
  const overrides = { retry: { ...retry, limit: 0 } };
  expect(concluded(failed("no"), { overrides }).kind).toBe("finish");
});

test("a snooze comes back when it says, however many failures there were", () => {
  const conclusion = concluded(snoozed(5_000), { failureCount: 99 });
  expect(conclusion).toMatchObject({ kind: "requeue", run: { delayMs: 5_000 } });
});

test("a lost run is taken up at once, until it has taken too many workers with it", () => {
  const after = (lostCount: number): Conclusion => concluded(lost("gone"), { lostCount });
  expect(after(0)).toMatchObject({ kind: "requeue", run: { delayMs: 0 } });
  expect(after(lostCountMax - 1).kind).toBe("requeue");
  expect(after(lostCountMax).kind).toBe("finish");
});
