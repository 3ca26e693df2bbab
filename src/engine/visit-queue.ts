/**
 * Keeps the queue of one visit type filled. It looks again when as many of its runs have ended in
 * this process as make a choice worth while, and polls for what ended elsewhere.
 */

import type { Refill, Visiting, VisitSetting } from "../model/visiting.ts";
import { nextRefillMs, roomWanted } from "../policy/visit-refill.ts";
import type { Loop, NextTurn } from "./loop.ts";

/** What a queue is kept with. */
export interface VisitQueueOptions {
  readonly visiting: Pick<Visiting, "refill">;
  readonly setting: VisitSetting;
  /** Makes the loop of turns, not yet started. */
  readonly loopOf: (turn: () => Promise<NextTurn>) => Loop;
}

/** The queue of a visit type, as one process fills it. */
export class VisitQueue {
  readonly loop: Loop;
  readonly #options: VisitQueueOptions;
  /** Runs that have ended since the last look. */
  #endedCount = 0;
  /** Whether there was nothing more to visit: room is of no use then. */
  #isDry = false;

  constructor(options: VisitQueueOptions) {
    this.#options = options;
    this.loop = options.loopOf(async () => await this.#turn());
  }

  /** Takes note that a run of a task type has ended here. */
  noteEnd(typeName: string): void {
    const { setting } = this.#options;
    if (typeName !== setting.task) return;
    this.#endedCount += 1;
    if (!this.#isDry && this.#endedCount >= roomWanted(setting)) this.loop.wake();
  }

  async #turn(): Promise<NextTurn> {
    const { visiting, setting } = this.#options;
    this.#endedCount = 0;
    const refill = await visiting.refill(setting);
    this.#isDry = refill.state === "dry";
    return nextTurn(refill, setting);
  }
}

function nextTurn({ state, roomLeft }: Refill, setting: VisitSetting): NextTurn {
  const inMs = nextRefillMs({ state, hasRoom: roomLeft > 0 }, setting);
  return inMs === 0 ? "again" : { inMs };
}
