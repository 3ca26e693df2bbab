/** Requests to an executor, with everything that the attempt reports kept for the test to see. */

import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { toId } from "../../src/kernel/ids.ts";
import { instantFromMillis } from "../../src/kernel/instant.ts";
import type { JsonObject, JsonValue } from "../../src/kernel/json.ts";
import type { AttemptRequest } from "../../src/model/executor.ts";
import type { TaskCode, TaskDefinition } from "../../src/model/handler.ts";
import type { LogLevel } from "../../src/model/run.ts";
import { StopRequest } from "../../src/model/stop-request.ts";
import { taskTypeDefaults } from "../../src/model/task-type.ts";

/** One line of the attempt's log. */
export interface SeenLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly data?: JsonObject;
}

/** A request, how to stop it, and what it reported. */
export interface TestAttempt {
  readonly request: AttemptRequest;
  readonly stop: StopRequest;
  readonly lines: readonly SeenLine[];
  readonly progress: readonly (readonly [number | null, string | undefined])[];
  /** Resolves when a line with this text has come. */
  readonly sees: (text: string) => Promise<void>;
}

/** An attempt of `code`; the defaults are those of a run of no importance. */
export function testAttempt(
  code: TaskCode<unknown, unknown>,
  options: {
    readonly input?: JsonValue;
    readonly schema?: TaskDefinition["schema"];
    readonly graceMs?: number;
    readonly clock?: Clock;
    readonly taskId?: number;
  } = {},
): TestAttempt {
  const stop = new StopRequest();
  const lines: SeenLine[] = [];
  const progress: [number | null, string | undefined][] = [];
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  const request: AttemptRequest = {
    run: {
      id: toId(7, "id"),
      taskId: options.taskId === undefined ? null : toId(options.taskId, "taskId"),
      triggerId: null,
      typeId: toId(1, "typeId"),
      priority: "normal",
      input: options.input ?? null,
      overrides: {},
      attempt: 2,
      failureCount: 1,
      lostCount: 0,
      fireAt: null,
      dueAt: instantFromMillis(1_767_225_600_000),
      fence: toId(42, "fence"),
      intervalMs: null,
      isMissed: false,
    },
    definition: {
      settings: { ...taskTypeDefaults, name: "test.type", executor: code.kind },
      schema: options.schema,
      code,
    },
    sink: {
      log: (level, message, data) => {
        lines.push(data === undefined ? { level, message } : { level, message, data });
        for (const { text, resolve } of waiting) if (message.includes(text)) resolve();
      },
      progress: (fraction, message) => progress.push([fraction, message]),
    },
    stop,
    graceMs: options.graceMs ?? 5_000,
    clock: options.clock ?? systemClock,
  };
  const sees = (text: string): Promise<void> =>
    new Promise((resolve) => {
      if (lines.some(({ message }) => message.includes(text))) resolve();
      else waiting.push({ text, resolve });
    });
  return { request, stop, lines, progress, sees };
}
