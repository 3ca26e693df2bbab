import { expect, test } from "vitest";

import type { SystemRecord, WorkerRecord } from "../api/records.ts";
import { Metrics } from "./metrics.ts";

const at = "2026-03-01T09:00:00.000000Z";

function workerOf(
  state: WorkerRecord["state"],
  slotCount: number,
  runningCount: number,
): WorkerRecord {
  const times = { startedAt: at, heartbeatAt: at, expiresAt: at };
  return { id: 1, host: "h", pid: 1, version: "1", state, slotCount, runningCount, ...times };
}

const system: SystemRecord = {
  version: "1",
  now: at,
  pausedAt: at,
  nextFireAt: null,
  taskTypeCount: 2,
  workers: [workerOf("live", 8, 3), workerOf("draining", 4, 1), workerOf("lost", 16, 2)],
  counts: [
    { type: "a", state: "queued", count: 5, lagMs: 1_500 },
    { type: "a", state: "running", count: 2, lagMs: 0 },
  ],
  database: { serverVersion: "18", database: "d", schema: "s", migration: "0001", sizeBytes: 99 },
};

test("the installation is shown as the database knows it", async () => {
  const text = await new Metrics({ version: "1.2.3" }).render(system);
  expect(text).toContain('orrery_info{version="1.2.3"} 1');
  expect(text).toContain('orrery_runs{type="a",state="queued"} 5');
  expect(text).toContain('orrery_run_lag_seconds{type="a"} 1.5');
  expect(text).toContain('orrery_workers{state="lost"} 1');
  expect(text).toContain('orrery_worker_slots{state="busy"} 4');
  expect(text).toContain('orrery_worker_slots{state="free"} 8');
  expect(text).toContain("orrery_paused 1");
  expect(text).toContain("orrery_database_up 1");
  expect(text).toContain("process_resident_memory_bytes");
});

test("what is gone from the database is gone from the metrics", async () => {
  const metrics = new Metrics({ version: "1" });
  await metrics.render(system);
  const text = await metrics.render({ ...system, counts: [], workers: [] });
  expect(text).not.toContain('orrery_runs{type="a"');
  expect(await metrics.render(undefined)).toContain("orrery_database_up 0");
});

test("attempts are counted by outcome and measured in seconds", async () => {
  const metrics = new Metrics({ version: "1" });
  metrics.observeAttempt({ type: "a", outcome: "failed", durationMs: 250 });
  metrics.observeAttempt({ type: "a", outcome: "eventful", durationMs: 750 });
  const text = await metrics.render(undefined);
  expect(text).toContain('orrery_attempts_finished_total{type="a",outcome="failed"} 1');
  expect(text).toContain('orrery_attempt_duration_seconds_sum{type="a"} 1');
  expect(text).toContain('orrery_attempt_duration_seconds_bucket{le="0.5",type="a"} 1');
});

test("however many task types there are, labels are bounded", async () => {
  const metrics = new Metrics({ version: "1" });
  for (let index = 0; index < 1_000; index += 1) {
    metrics.observeAttempt({ type: `type ${index}`, outcome: "eventful", durationMs: 1 });
  }
  const text = await metrics.render(undefined);
  const series = text.match(/^orrery_attempts_finished_total\{/gm) ?? [];
  expect(series).toHaveLength(201);
  expect(text).toContain('orrery_attempts_finished_total{type="other",outcome="eventful"} 800');
});
