/**
 * Whether the libraries mean the same by an expression, before their speed is compared: away from
 * clock changes they must; around them each has its own rule, which is counted.
 */

import { strict as assert } from "node:assert";

import { type ClockChangePolicy, clockChangesOf, instantFromMillis, millisOf } from "orrery/time";

import { mixedExpressions, startMs, yearEndMs } from "./expressions.ts";
import { croner, cronParser, type Library, orrery, orreryTrigger } from "./libraries.ts";

/** Half of the span around a clock change in which rules may differ, in milliseconds. */
const aroundMs = 6 * 3_600_000;

const policies: readonly ClockChangePolicy[] = ["match", "daemon", "once"];

/** Fires around one clock change that only one of the two libraries has. */
export interface Difference {
  readonly peer: string;
  readonly policy: ClockChangePolicy;
  readonly changeAt: string;
  readonly expression: string;
  /** Instants, ISO 8601, the first few of them. */
  readonly onlyOrrery: readonly string[];
  readonly onlyPeer: readonly string[];
  readonly count: number;
}

/** The outcome of the comparison. */
export interface Agreement {
  /** Fires compared away from clock changes, all equal. */
  readonly equalCount: number;
  /** Around the year's clock changes. */
  readonly differences: readonly Difference[];
}

/** How many of the instants of a difference are kept. */
const shownMax = 3;

/**
 * Compares walks of `steps` fires and the hours around the year's clock changes.
 * @throws AssertionError when a peer differs away from clock changes
 */
export function compareLibraries(steps: number): Agreement {
  const year = { from: instantFromMillis(startMs), to: instantFromMillis(yearEndMs) };
  // Every minute meets every change.
  const changes = clockChangesOf(orreryTrigger("* * * * *"), year).map(({ at }) => millisOf(at));
  let equalCount = 0;
  const differences: Difference[] = [];
  for (const peer of [croner, cronParser]) {
    for (const expression of mixedExpressions) {
      equalCount += compareWalk(peer, expression, steps);
      for (const changeMs of changes) {
        differences.push(...differencesAround(peer, expression, changeMs));
      }
    }
  }
  return { equalCount, differences };
}

/** Walks that pass clock changes, but fire none of their hours. */
function compareWalk(peer: Library, expression: string, steps: number): number {
  const end = orrery().parse(expression).walk(startMs, steps);
  const ours = orrery().parse(expression).list(startMs, end);
  assert.deepEqual(
    peer.parse(expression).list(startMs, end),
    ours,
    `${peer.name} differs on ${expression}`,
  );
  return ours.length;
}

function differencesAround(peer: Library, expression: string, changeMs: number): Difference[] {
  const [fromMs, toMs] = [changeMs - aroundMs, changeMs + aroundMs];
  const theirs = peer.parse(expression).list(fromMs, toMs);
  return policies.flatMap((policy) => {
    const ours = orrery(policy).parse(expression).list(fromMs, toMs);
    const onlyOrrery = ours.filter((at) => !theirs.includes(at));
    const onlyPeer = theirs.filter((at) => !ours.includes(at));
    const count = onlyOrrery.length + onlyPeer.length;
    if (count === 0) return [];
    return {
      peer: peer.name,
      policy,
      changeAt: new Date(changeMs).toISOString(),
      expression,
      onlyOrrery: onlyOrrery.slice(0, shownMax).map(iso),
      onlyPeer: onlyPeer.slice(0, shownMax).map(iso),
      count,
    };
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
