/** The order of measurements: everything once per round, each round starting with another one. */

import { rotated } from "./statistics.ts";

/** One entry of a round: a name and the work to measure under it. */
export interface Entry<T> {
  readonly name: string;
  readonly run: () => Promise<T>;
}

/** Runs all entries once per round; answers what they measured by name, one item per round. */
export async function inRounds<T>(
  rounds: number,
  entries: readonly Entry<T>[],
): Promise<Record<string, T[]>> {
  const results: Record<string, T[]> = Object.fromEntries(entries.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // The stride spreads the starts: neighbours in the list do not always meet.
    for (const { name, run } of rotated(entries, round * 4)) {
      const result = await run();
      results[name]?.push(result);
      process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`);
    }
  }
  return results;
}
