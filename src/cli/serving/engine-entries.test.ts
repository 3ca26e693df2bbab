import { describe, expect, it } from "vitest";
import {
  toId,
  type FencingToken,
  type RunId,
  type TaskId,
  type WorkerId,
} from "../../kernel/ids.ts";
import { eventful, failed, snoozed } from "../../model/outcome.ts";
import { engineEntry } from "./engine-entries.ts";

const run = {
  runId: toId<RunId>(12, "id"),
  taskId: toId<TaskId>(3, "id"),
  typeName: "greet",
  attempt: 1,
  fence: toId<FencingToken>(1, "fence"),
};

describe("engineEntry", () => {
  it("tells the end of a run with what came of it", () => {
    const outcome = eventful({ a: 1 });
    expect(engineEntry({ kind: "run_ended", ...run, outcome, durationMs: 2_345.6 })).toEqual({
      level: "info",
      event: "run_ended",
      style: "good",
      message: 'greet #12 eventful in 2.3 s  {"a":1}',
      fields: {
        runId: 12,
        taskId: 3,
        type: "greet",
        attempt: 1,
        outcome: "eventful",
        durationMs: 2_346,
      },
    });
  });

  it("warns of a failure that is tried again, and calls the last one an error", () => {
    const outcome = failed("no luck");
    const ended = { ...run, attempt: 2, outcome, durationMs: 1 };
    expect(engineEntry({ kind: "run_requeued", ...ended, delayMs: 4_000 })).toMatchObject({
      level: "warn",
      message: "greet #12 (try 2) failed in 1 ms, again in 4.0 s  no luck",
      fields: { error: { code: "ORR_EXEC_FAILED", message: "no luck" } },
    });
    expect(engineEntry({ kind: "run_ended", ...ended })).toMatchObject({ level: "error" });
  });

  it("takes a snooze for no failure", () => {
    const event = { kind: "run_requeued", ...run, outcome: snoozed(5), durationMs: 1 } as const;
    expect(engineEntry({ ...event, delayMs: 5 })).toMatchObject({ level: "info" });
  });

  it("cuts long results, which stay with the run", () => {
    const outcome = eventful("x".repeat(10_000));
    const { message } = engineEntry({ kind: "run_ended", ...run, outcome, durationMs: 1 });
    expect(message.length).toBeLessThan(200);
  });

  it("warns of workers that are lost and of runs that a stopped one leaves", () => {
    const workerId = toId<WorkerId>(7, "id");
    expect(engineEntry({ kind: "worker_lost", workerId })).toMatchObject({ level: "warn" });
    expect(engineEntry({ kind: "worker_stopped", workerId, abandoned: 2 })).toMatchObject({
      level: "warn",
      message: "worker 7 has stopped and left 2 run(s)",
    });
    expect(engineEntry({ kind: "worker_stopped", workerId, abandoned: 0 })).toMatchObject({
      level: "info",
    });
  });
});
