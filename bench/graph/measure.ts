/** Times and memory of one piece of work. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a piece of work took. */
export interface Cost {
  /** Wall time, in milliseconds. */
  readonly ms: number;
  /** Processor time of this process, in milliseconds: other programs do not add to it. */
  readonly cpuMs: number;
}

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Collects garbage, so that no work pays for the one before it. */
export function collectGarbage(): void {
  if (typeof collect === "function") Reflect.apply(collect, undefined, []);
}

/** Bytes that are in use, those of arrays of numbers too; garbage is not counted. */
export function liveBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Measures work that answers at once. */
export function timed<Result>(work: () => Result): {
  readonly cost: Cost;
  readonly result: Result;
} {
  collectGarbage();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = work();
  return { cost: costSince(start, cpu), result };
}

/** Measures work that answers later. */
export async function timedAsync<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly cost: Cost; readonly result: Result }> {
  collectGarbage();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  return { cost: costSince(start, cpu), result };
}

function costSince(startMs: number, cpu: NodeJS.CpuUsage): Cost {
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000 };
}
