/** The port over which processes tell each other of changes. */

import type { Instant } from "../kernel/instant.ts";

/** Hints that something may have changed; they can get lost, so whoever waits also polls. */
export type Hint = "queued" | "cancel" | "ended" | "log" | "fire" | "settings";

/**
 * Takes a hint. With `queued` comes the earliest due time of what has come into the queue;
 * undefined when it may be any.
 */
export type HintListener = (hint: Hint, dueFrom?: Instant) => void;

/** Tells processes of each other's changes. */
export interface Notifier {
  /** Calls `onHint` for each hint from any process, until disposed. */
  subscribe(onHint: HintListener): Disposable;
}
