/** The port to the code of a run: how an attempt is begun and how it is stopped. */

import type { Clock } from "../kernel/clock.ts";
import type { TaskDefinition } from "./handler.ts";
import type { Outcome } from "./outcome.ts";
import type { ClaimedRun, LogLevel } from "./run.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { StopRequest } from "./stop-request.ts";

/** What an executor reports while an attempt runs. */
export interface AttemptSink {
  log(level: LogLevel, message: string, data?: JsonObject): void;
  progress(fraction: number | null, message?: string): void;
}

/** One attempt to be made. */
export interface AttemptRequest {
  readonly run: ClaimedRun;
  readonly definition: TaskDefinition;
  readonly sink: AttemptSink;
  /**
   * Asked when the attempt is to stop. The executor asks the code to stop, and gives up on it
   * after `graceMs`; its answer comes at the latest then.
   */
  readonly stop: StopRequest;
  readonly graceMs: number;
  readonly clock: Clock;
}

/** Brings runs to their code. */
export interface Executor {
  /**
   * Makes one attempt. Never rejects: whatever happens is an outcome. Once it was asked to stop
   * the outcome is what the code answered within its grace, if it ended well, and otherwise
   * `cancelled` or `failed` by the reason.
   */
  execute(request: AttemptRequest): Promise<Outcome>;
}
