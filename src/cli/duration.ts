/** Durations as people type and read them: `90s`, `10m`, `1h30m`. Milliseconds inside. */

import { InvalidInputError } from "../kernel/errors.ts";

/** Milliseconds per unit, longest first; the order in which they are written. */
const unitMs: readonly (readonly [unit: string, ms: number])[] = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|[wdhms]))+$/;
const partPattern = /(\d+(?:\.\d+)?)(ms|[wdhms])/g;

/**
 * Reads one or more numbers with units (`w d h m s ms`), added up. A number without a unit is
 * refused, because nobody can know which was meant.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, naming `field`
 */
export function parseDuration(text: string, field = "the duration"): number {
  const compact = text.trim();
  let totalMs = 0;
  for (const [, count, unit] of compact.matchAll(partPattern)) {
    totalMs += Number(count) * (unitMs.find(([name]) => name === unit)?.[1] ?? 0);
  }
  if (!durationPattern.test(compact) || !Number.isSafeInteger(Math.round(totalMs))) {
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      `${field} must be a duration with units, such as 90s, 10m or 1h30m; got "${text}"`,
      { details: { field, value: text } },
    );
  }
  return totalMs;
}

/** The exact text of whole milliseconds, which `parseDuration` reads back: `1h30m`. */
export function formatDuration(ms: number): string {
  let restMs = Math.round(ms);
  let text = "";
  for (const [unit, eachMs] of unitMs) {
    const count = Math.floor(restMs / eachMs);
    // A week is rare and hard to read; days say the same.
    if (count === 0 || unit === "w") continue;
    text += `${count}${unit}`;
    restMs -= count * eachMs;
  }
  return text === "" ? "0s" : text;
}

/** About as long, for reading: `420 ms`, `2.3 s`, `4m10s`. */
export function describeDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return formatDuration(Math.round(ms / 1_000) * 1_000);
}
