/**
 * A process of the fleet: an engine over a store. With `worker: null` it fires, reaps and prunes
 * only. SIGTERM stops it in good order: it drains for `drainMs`, and ends with status 0.
 */

import type { VisitsOptions } from "../../src/api/visits.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { createRng } from "../../src/kernel/rng.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/engine/events.ts";
import type { WorkerSettings } from "../../src/engine/worker.ts";
import { createChildProcessExecutor } from "../../src/executors/child-process/executor.ts";
import { createInProcessExecutor } from "../../src/executors/in-process/executor.ts";
import { slotSharesDefault } from "../../src/policy/slot-shares.ts";
import { readVisits } from "../../src/service/read-visits.ts";
import { createService } from "../../src/service/service.ts";
import { createVisiting } from "../../src/service/visiting.ts";
import { openStore } from "../../src/store/open.ts";
import { endEffects, fleetWork } from "./fleet-work.ts";
import { numberIn, onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

/** What a test may say of a worker; the rest is as in life. */
export interface FleetSettings {
  readonly connectionString: string;
  readonly seed: number;
  readonly worker: {
    readonly slotCount: number;
    readonly leaseMs: number;
    readonly pollMs: number;
  } | null;
  readonly drainMs: number;
  /** Queues of visits that it fills. */
  readonly visits?: VisitsOptions;
  /** How many short runs it queues itself, one after the other; each is told. */
  readonly queuedCount?: number;
}

/** Each run's beginning and end would be most of what is told, and the database has it. */
const untold: ReadonlySet<EngineEvent["kind"]> = new Set(["run_started", "run_ended"]);

function tellEvent(event: EngineEvent): void {
  if (untold.has(event.kind)) return;
  tell(event.kind === "loop_failed" ? { ...event, error: event.error.message } : { ...event });
}

function workerOf(value: unknown): WorkerSettings | null {
  if (!isRecord(value)) return null;
  return {
    host: "chaos",
    pid: process.pid,
    version: "test",
    shares: slotSharesDefault,
    slotCount: numberIn(value, "slotCount"),
    leaseMs: numberIn(value, "leaseMs"),
    pollMs: numberIn(value, "pollMs"),
  };
}

async function main(): Promise<void> {
  const settings = readSettings();
  // Ends this process when the test has ended without ending it.
  onOrder(() => undefined);
  const databaseUrl = textIn(settings, "connectionString");
  const store = await openStore({ connectionString: databaseUrl, clock: systemClock });
  const byName = new Map(fleetWork.map((each) => [each.settings.name, each]));
  const catalogue = { find: (name: string) => byName.get(name), list: () => fleetWork };
  const service = createService({
    store,
    clock: systemClock,
    catalogue,
    reserveSlots: (typeNames) => engine.reserve(typeNames),
    version: "test",
  });
  const graphs = service.graphAccess;
  const rng = createRng(numberIn(settings, "seed"));
  const visits = readVisits(settings["visits"] ?? {}, "visits");
  const engine = createEngine({
    store,
    clock: systemClock,
    rng,
    visiting: createVisiting({ store, rng, settings: visits }),
    catalogue,
    executors: {
      "in-process": createInProcessExecutor({ databaseUrl, graphs }),
      "child-process": createChildProcessExecutor({ environment: process.env, graphs }),
    },
    worker: workerOf(settings["worker"]),
    onEvent: tellEvent,
  });
  const stop = async (): Promise<void> => {
    await engine.stop({ drainMs: numberIn(settings, "drainMs") });
    await store[Symbol.asyncDispose]();
    await endEffects();
    tell({ kind: "stopped" });
    // Nothing else may hold the process: it is to end by itself.
    process.stdin.removeAllListeners().destroy();
  };
  process.once("SIGTERM", () => void stop());
  await engine.start();
  tell({ kind: "ready" });
  const queuedCount = numberIn({ queuedCount: 0, ...settings }, "queuedCount");
  for (let count = 0; count < queuedCount; count += 1) {
    const [runId] = await service.enqueue([{ type: "chaos.quick" }]);
    tell({ kind: "queued", runId });
  }
  if (queuedCount > 0) tell({ kind: "queued_all" });
}

await main();
