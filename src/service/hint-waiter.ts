/**
 * Waits for something to change: a hint from any process, or at the latest the next poll. Hints
 * can get lost and can come in floods, so after each look there is a pause first.
 */

import { type Clock, delay, reasonOf } from "../kernel/clock.ts";
import type { Hint, Notifier } from "../model/notifier.ts";

/** Milliseconds after which one looks again without a hint. */
const pollMs = 1_000;
/** Milliseconds between two looks at the least, however many hints come. */
const pauseMs = 20;

/** Waits for hints of some kinds; holds a subscription until disposed. */
export class HintWaiter implements Disposable {
  readonly #clock: Clock;
  readonly #subscription: Disposable;
  #hinted = false;
  #wake: (() => void) | undefined;

  constructor(notifier: Notifier, hints: readonly Hint[], clock: Clock) {
    this.#clock = clock;
    this.#subscription = notifier.subscribe((hint) => {
      if (!hints.includes(hint)) return;
      this.#hinted = true;
      this.#wake?.();
    });
  }

  /**
   * Resolves when it is time to look again: after a hint, after `atMostMs`, or after a second.
   * Rejects with the signal's reason when that is aborted first.
   */
  async wait(options: {
    readonly signal?: AbortSignal | undefined;
    readonly atMostMs?: number;
  }): Promise<void> {
    const { signal, atMostMs = pollMs } = options;
    const longest = Math.min(pollMs, atMostMs);
    await delay(this.#clock, Math.min(pauseMs, longest), signal);
    if (!this.#hinted && longest > pauseMs) await this.#untilHint(longest - pauseMs, signal);
    this.#hinted = false;
  }

  #untilHint(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        timer[Symbol.dispose]();
        signal?.removeEventListener("abort", onAbort);
        this.#wake = undefined;
        settle();
      };
      const onAbort = (): void => {
        if (signal !== undefined) end(() => reject(reasonOf(signal)));
      };
      const timer = this.#clock.schedule(ms, () => end(resolve));
      this.#wake = () => end(resolve);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
