/**
 * Choices in committed rounds: a lister records something, a policy chooses, the visits are
 * reported, and the next policy follows. Nothing is rolled back: a choice that is repeated stays on
 * warm pages.
 */

import { strict as assert } from "node:assert";

import { rotated } from "../statistics.ts";
import type { Items } from "./items.ts";
import { policyNames } from "./reference.ts";
import type { Samples } from "./samples.ts";
import type { ListingKey, Side } from "./sides.ts";
import type { Stage } from "./stage.ts";

/** How many are wanted, one after the other. */
export const grabCounts: readonly number[] = [100, 1_000];

/** A stage with what is drawn for it and what was chosen on it. */
export interface Ground {
  readonly stage: Stage;
  readonly items: Items;
  readonly samples: Samples;
  readonly chosen: Chosen;
}

/** Origins that ours has chosen; within their cool-down nobody may be given them again. */
export class Chosen {
  readonly #names = new Set<string>();
  /** Origins that were given to two calls. */
  doubles = 0;

  /** Notes what one call was given; the same origin of two listers is one. */
  note(listings: readonly ListingKey[]): void {
    const names = new Set(listings.map(({ url, visitType }) => `${visitType} ${url}`));
    for (const name of names) {
      if (this.#names.has(name)) this.doubles += 1;
      this.#names.add(name);
    }
  }
}

/** One round of all policies and counts on all grounds, by both sides. */
export async function measureGrabs(grounds: readonly Ground[], round: number): Promise<void> {
  let turn = round;
  for (const policy of rotated(policyNames, round)) {
    for (const count of grabCounts) {
      for (const ground of rotated(grounds, round)) {
        turn += 1;
        await measureOne(ground, { policy, count, turn });
      }
    }
  }
}

async function measureOne(
  { stage, items, samples, chosen }: Ground,
  wish: { readonly policy: string; readonly count: number; readonly turn: number },
): Promise<void> {
  const { policy, count, turn } = wish;
  const listed = await items.relisted(1_000);
  const sides: readonly Side[] = [stage.ours, stage.reference];
  for (const side of rotated(sides, turn)) {
    await side.record(listed);
    const subject = { work: `grab ${count}`, detail: policy, side: side.name };
    const found = await samples.time(stage, subject, () => side.grab(policy, count));
    assert.equal(found.length, count, `${side.name} has too few left for ${policy}`);
    if (side.name === "ours") chosen.note(found);
    await side.report(items.outcomes(found));
  }
}
