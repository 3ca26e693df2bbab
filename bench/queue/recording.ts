/** What is written to the results: each row with the circumstances under which it was measured. */

import type { Amount } from "./amount.ts";
import type { Recurring, Types } from "./rows-orrery.ts";
import type { Backlog, Drained, Latency, Pinned, Single } from "./rows.ts";
import type { Soak } from "./soak.ts";

/** What each row measures, by the name that `--only` takes. */
export interface Measured {
  readonly drain: Drained;
  readonly single: Single;
  readonly latency: Latency;
  readonly recurring: Recurring;
  readonly pinned: Pinned;
  readonly soak: Soak;
  readonly backlog: Backlog;
  readonly types: Types;
}

/** The name of a row. */
export type RowName = keyof Measured;

/** A row that was measured, maybe in another run than the others. */
export interface RowRecord<T> {
  readonly machine: string;
  /** Load averages before each round. */
  readonly loads: readonly string[];
  readonly node: string;
  readonly postgres: string;
  readonly systems: readonly SystemRecord[];
  readonly amount: Amount;
  /** By system, one item per round. */
  readonly measured: Readonly<Record<string, readonly T[]>>;
}

/** A system as it took part. */
export interface SystemRecord {
  readonly name: string;
  readonly version: string;
  readonly configuration: string;
  readonly storage: "postgresql" | "redis";
  readonly isProduct: boolean;
}

/** The rows that have been measured. */
export interface Recording {
  readonly format: typeof recordingFormat;
  readonly rows: { readonly [Name in RowName]?: RowRecord<Measured[Name]> };
}

/**
 * A soak together with those of other systems that are recorded, where they were of the same kind:
 * each compares a system with itself, so they need not be of one run.
 */
export function withEarlierSoaks(
  later: RowRecord<Soak>,
  earlier: RowRecord<Soak> | undefined,
): RowRecord<Soak> {
  if (earlier === undefined || !isSameSoak(earlier.amount, later.amount)) return later;
  const kept = earlier.systems.filter(({ name }) => !(name in later.measured));
  return {
    ...later,
    loads: [...earlier.loads, ...later.loads],
    systems: [...kept, ...later.systems],
    measured: { ...earlier.measured, ...later.measured },
  };
}

function isSameSoak(one: Amount, other: Amount): boolean {
  return (
    one.soakMinutes === other.soakMinutes &&
    one.soakMinuteMs === other.soakMinuteMs &&
    one.soakPerSecond === other.soakPerSecond
  );
}

/** Changes with the shape of a recording: an older one is not gone on with. */
export const recordingFormat = "queue 1";

/** Whether a value is a recording of this format. */
export function isRecording(value: unknown): value is Recording {
  return typeof value === "object" && value !== null && "format" in value
    ? value.format === recordingFormat
    : false;
}
