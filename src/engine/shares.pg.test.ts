/**
 * Goal: under ten times overload each level has its share of the starts, whatever the shares are
 * and however long runs take. Method: a worker on a backlog; starts are counted over every stretch
 * of time, in the order in which they happened.
 */

import { expect, test } from "vitest";
import { openRig } from "../../test/engine/rig.ts";
import { delay } from "../kernel/clock.ts";
import { defineTask } from "../model/define-task.ts";
import {
  type PerPriority,
  priorities,
  type Priority,
  slotSharesDefault,
} from "../policy/slot-shares.ts";
import { createManualClock } from "../testing/manual-clock.ts";

/** A minute of work. */
interface Case {
  readonly name: string;
  readonly shares: PerPriority;
  readonly slotCount: number;
  /** What is started within a minute. */
  readonly perMinute: number;
  readonly minutes: number;
  /** Milliseconds that a run takes; long ones are not claimed ahead of their slots. */
  readonly runMs: number;
}

const cases: readonly Case[] = [
  {
    name: "short runs by the default shares",
    shares: slotSharesDefault,
    slotCount: 10,
    perMinute: 10_000,
    minutes: 1.5,
    runMs: 0,
  },
  {
    name: "short runs by shares of one's choice",
    shares: { high: 0.2, normal: 0.2, low: 0.6 },
    slotCount: 50,
    perMinute: 10_000,
    minutes: 1.5,
    runMs: 0,
  },
  {
    name: "long runs by the default shares",
    shares: slotSharesDefault,
    slotCount: 10,
    perMinute: 100,
    minutes: 5,
    runMs: 6_000,
  },
];

/** How far the worst stretch of so many starts is from a level's share, as part of the share. */
function worstDeviation(
  starts: readonly Priority[],
  of: { readonly level: Priority; readonly share: number; readonly stretch: number },
): number {
  let worst = 0;
  let count = 0;
  for (const [place, level] of starts.entries()) {
    if (level === of.level) count += 1;
    if (place >= of.stretch && starts[place - of.stretch] === of.level) count -= 1;
    if (place < of.stretch - 1) continue;
    worst = Math.max(worst, Math.abs(count / (of.share * of.stretch) - 1));
  }
  return worst;
}

test.each(cases)("$name, within a tenth", async (given) => {
  const { shares, slotCount, perMinute, minutes, runMs } = given;
  const wanted = perMinute * minutes;
  const clock = createManualClock();
  const starts: Priority[] = [];
  const reached = Promise.withResolvers<undefined>();
  const start = async (level: Priority): Promise<void> => {
    starts.push(level);
    if (starts.length === wanted) reached.resolve(undefined);
    if (runMs === 0) return;
    // Time goes on when all slots are taken.
    if (starts.length % slotCount === 0) queueMicrotask(() => clock.advance(runMs));
    await delay(clock, runMs);
  };
  const definitions = priorities.map((level) =>
    defineTask({ name: level, run: () => start(level) }),
  );
  await using rig = await openRig({
    definitions,
    worker: { slotCount, shares, pollMs: 60_000 },
    clock,
    isStarted: false,
  });
  // Ten times of what can be started, and no less at any level than at the others.
  await rig.database.query(
    `insert into orrery.run (type_id, state, priority, due_at, ready_at, created_at, input)
     select type_id, 'queued', priority, now(), now(), now(), 'null'
     from unnest($1::integer[], $2::smallint[]) as level (type_id, priority),
       generate_series(1, $3::integer)`,
    [priorities.map((level) => rig.typeId(level)), [1, 2, 3], Math.ceil((wanted * 10) / 3)],
  );
  await rig.engine.start();
  await reached.promise;
  await rig.stop();
  for (const level of priorities) {
    const of = { level, share: shares[level], stretch: perMinute };
    expect(worstDeviation(starts, of), level).toBeLessThanOrEqual(0.1);
  }
});
