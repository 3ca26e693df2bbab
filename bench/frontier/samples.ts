/** What was measured: costs by work and side, one for each round, and ratios of them. */

import type { Cost } from "../meter.ts";
import { summarise, summariseRatios, type Summary } from "../statistics.ts";
import type { Stage } from "./stage.ts";

/** Time and costs of one piece of work. */
export interface Timed extends Cost {
  readonly wallMs: number;
}

/** What a measure is of. */
export interface Subject {
  readonly size: number;
  readonly work: string;
  /** A policy, say. */
  readonly detail: string;
}

/** Measures of one subject by one side, in the order of rounds. */
export interface Series extends Subject {
  readonly side: string;
  readonly measured: Timed[];
}

/** All series of a run. */
export class Samples {
  readonly series: Series[] = [];

  /** Does work and notes what it took. */
  async time<Result>(
    { startMeter, size }: Pick<Stage, "startMeter" | "size">,
    subject: Omit<Subject, "size"> & { readonly side: string },
    work: () => Promise<Result>,
  ): Promise<Result> {
    const readMeter = await startMeter();
    const start = performance.now();
    const result = await work();
    const wallMs = performance.now() - start;
    this.add({ size, ...subject }, { wallMs, ...(await readMeter()) });
    return result;
  }

  /** Notes a measure. */
  add(subject: Subject & { readonly side: string }, timed: Timed): void {
    const found = this.series.find((each) => isSame(each, subject) && each.side === subject.side);
    if (found === undefined) this.series.push({ ...subject, measured: [timed] });
    else found.measured.push(timed);
  }
}

function isSame(one: Subject, other: Subject): boolean {
  return one.size === other.size && one.work === other.work && one.detail === other.detail;
}

/** The series of a subject and a side. */
export function find(
  series: readonly Series[],
  subject: Subject & { readonly side: string },
): Series | undefined {
  return series.find((each) => isSame(each, subject) && each.side === subject.side);
}

/** Milliseconds by the clock. */
export function wallOf({ measured }: Series): readonly number[] {
  return measured.map(({ wallMs }) => wallMs);
}

/** How many times as long one side took as the other, round by round. */
export function timesAsLong(
  series: readonly Series[],
  subject: Subject,
  sides: { readonly side: string; readonly than: string },
): Summary | undefined {
  const one = find(series, { ...subject, side: sides.side });
  const other = find(series, { ...subject, side: sides.than });
  if (one === undefined || other === undefined) return undefined;
  return summariseRatios(wallOf(one), wallOf(other));
}

/** Processor time of the server, all rounds together, of one side over the other. */
export function processorRatio(
  series: readonly Series[],
  subject: Subject,
  sides: { readonly side: string; readonly than: string },
): number {
  const sum = (side: string): number =>
    find(series, { ...subject, side })?.measured.reduce((all, { serverMs }) => all + serverMs, 0) ??
    Number.NaN;
  return sum(sides.side) / sum(sides.than);
}

/** The median over several subjects of their medians, between the lowest and the highest. */
export function overall(summaries: readonly (Summary | undefined)[]): Summary | undefined {
  const known = summaries.flatMap((each) => each ?? []);
  return known.length === 0 ? undefined : summarise(known.map(({ median }) => median));
}
