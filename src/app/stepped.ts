/** A scheduler that works only when it is told to; `orrery/testing` is made of it. */

import { hostname } from "node:os";
import { SteppedEngine } from "../engine/stepped-engine.ts";
import { engineOptionsOf, Orrery } from "./orrery.ts";
import { resolveOptions, type OrreryOptions } from "./orrery-options.ts";
import { packageVersion } from "./package-facts.ts";
import { workerDefaults } from "./worker-options.ts";

/** A scheduler, and the engine that works for it step by step. */
export interface SteppedParts {
  readonly orrery: Orrery;
  readonly engine: SteppedEngine;
}

/**
 * Opens a scheduler without loops; of the options of its worker only `slotCount` counts.
 * @throws as `Orrery.open`
 */
export async function openSteppedParts(options: OrreryOptions): Promise<SteppedParts> {
  const { worker } = resolveOptions(options);
  const orrery = await Orrery.open({ ...options, worker: false, fire: false });
  const engine = new SteppedEngine({
    ...engineOptionsOf(orrery),
    self: { host: hostname(), pid: process.pid, version: packageVersion() },
    slotCount: worker?.slotCount ?? workerDefaults.slotCount,
  });
  return { orrery, engine };
}
