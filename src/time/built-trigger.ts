/** Puts a series, its window and its words together into a trigger. */

import { InvalidInputError } from "../kernel/errors.ts";
import type { Instant } from "../kernel/instant.ts";
import type { FireSeries, Occurrence, Trigger } from "./firing.ts";
import type { TriggerSpec } from "./trigger-spec.ts";
import { type FireWindow, withWindow } from "./window.ts";

/** No limits and no jitter. */
export const openWindow: FireWindow = {
  startAt: undefined,
  endAt: undefined,
  jitterMs: 0,
  jitterSeed: 0,
};

/** What a kind of trigger is made of. */
export interface TriggerParts {
  readonly spec: TriggerSpec;
  /** The series before start, end and jitter. */
  readonly core: FireSeries;
  readonly window: FireWindow;
  /** Writes the rule in words; called only when somebody asks. */
  readonly describe: () => string;
}

/** A trigger that still knows its parts, which combinations look at. */
export class BuiltTrigger implements Trigger {
  readonly spec: TriggerSpec;
  readonly core: FireSeries;
  readonly window: FireWindow;
  readonly #series: FireSeries;
  readonly #describe: () => string;

  constructor(parts: TriggerParts) {
    this.spec = parts.spec;
    this.core = parts.core;
    this.window = parts.window;
    this.#series = withWindow(parts.core, parts.window);
    this.#describe = parts.describe;
  }

  next(after: Instant, previous?: Instant): Instant | undefined {
    return this.#series.next(after, previous);
  }

  previous(before: Instant): Instant | undefined {
    return this.#series.previous(before);
  }

  between(from: Instant, to: Instant, limit: number): readonly Occurrence[] {
    if (!Number.isInteger(limit) || limit < 0) {
      throw new InvalidInputError("ORR_INPUT_INVALID", "limit must be a whole number from 0", {
        details: { field: "limit", value: String(limit) },
      });
    }
    return from >= to ? [] : this.#series.between(from, to, limit);
  }

  describe(): string {
    return this.#describe();
  }
}
