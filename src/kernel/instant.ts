/**
 * The one instant type: UTC, whole microseconds since 1970-01-01T00:00:00Z, as a bigint, which is
 * what the store keeps. Text is RFC 3339 with a `Z` and always six digits, so that it sorts.
 */

import type { Brand } from "./brand.ts";
import { InvalidInputError } from "./errors.ts";

/** Microseconds since the epoch, UTC. */
export type Instant = Brand<bigint, "Instant">;

/** The first instant that text of four-digit years can hold, 0001-01-01T00:00:00Z. */
export const instantMin: Instant = -62_135_596_800_000_000n as Instant;
/** The last one, 9999-12-31T23:59:59.999999Z. */
export const instantMax: Instant = 253_402_300_799_999_999n as Instant;

/**
 * Marks a count of microseconds as an instant.
 * @throws InvalidInputError `ORR_INPUT_INVALID` outside the years 1 to 9999
 */
export function instantFromMicros(micros: bigint): Instant {
  if (micros < instantMin || micros > instantMax) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "an instant lies in the years 1 to 9999", {
      details: { field: "instant", value: String(micros) },
    });
  }
  return micros as Instant;
}

/** The instant `ms` milliseconds after the epoch; fractions are cut to microseconds. */
export function instantFromMillis(ms: number): Instant {
  return instantFromMicros(microsOf(ms, Math.floor));
}

/** Whole microseconds of milliseconds; whole and fraction apart, to stay exact for far times. */
function microsOf(ms: number, cut: (micros: number) => number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1000n + BigInt(cut((ms - whole) * 1000));
}

/** Milliseconds since the epoch, cut down; exact enough for timers, not for storage. */
export function millisOf(instant: Instant): number {
  return Number(instant / 1000n);
}

/** `instant` moved by `ms` milliseconds, rounded to microseconds. */
export function addMillis(instant: Instant, ms: number): Instant {
  return instantFromMicros(instant + microsOf(ms, Math.round));
}

/** The milliseconds from `earlier` to `later`, with microseconds as fraction. */
export function millisBetween(earlier: Instant, later: Instant): number {
  return Number(later - earlier) / 1000;
}

/** RFC 3339 in UTC with six digits, for example `2026-03-01T09:00:00.000000Z`. */
export function formatInstant(instant: Instant): string {
  const micros = ((instant % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (instant - micros) / 1_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString();
  return `${text.slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

/** The same; null stays null. */
export function formatOptional(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

/**
 * Reads RFC 3339 text; an offset is required, digits beyond microseconds are cut.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, naming `field`
 */
export function parseInstant(text: string, field = "instant"): Instant {
  const match = rfc3339.exec(text);
  const instant = match === null ? undefined : instantOfMatch(match);
  if (instant === undefined) {
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      `${field} must be an RFC 3339 time with an offset, such as 2026-03-01T09:00:00Z`,
      { details: { field, value: text } },
    );
  }
  return instant;
}

/**
 * Reads text that is known to be a time in UTC, such as `2026-03-01 09:00:00.25`, several times as
 * fast as `parseInstant`; whatever else the text may be is not told. Undefined where the result
 * would not be exact.
 */
export function instantOfUtcText(text: string): Instant | undefined {
  const year = pairAt(text, 0) * 100 + pairAt(text, 2);
  const [month, day] = [pairAt(text, 5) - 1, pairAt(text, 8)];
  const ms = Date.UTC(year, month, day, pairAt(text, 11), pairAt(text, 14), pairAt(text, 17));
  const micros = ms * 1000 + Number(text.slice(20, 26).padEnd(6, "0"));
  // The first hundred years are taken for those of the last century.
  return year >= 100 && Number.isSafeInteger(micros) ? (BigInt(micros) as Instant) : undefined;
}

/** The number that two digits of a text make. */
function pairAt(text: string, index: number): number {
  const zero = 48;
  return (text.charCodeAt(index) - zero) * 10 + text.charCodeAt(index + 1) - zero;
}

function instantOfMatch(match: RegExpExecArray): Instant | undefined {
  const part = (index: number): number => Number(match[index] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  date.setUTCHours(part(4), part(5), part(6), 0);
  // A field that overflowed into the next (February 30, 24:00) means that the text is no time.
  const kept =
    date.getUTCMonth() === part(2) - 1 &&
    date.getUTCDate() === part(3) &&
    date.getUTCHours() === part(4) &&
    date.getUTCMinutes() === part(5) &&
    date.getUTCSeconds() === part(6);
  const offsetMinutes = (match[9] === "-" ? -1 : 1) * (part(10) * 60 + part(11));
  if (!kept || part(10) > 23 || part(11) > 59) return undefined;
  const fraction = BigInt((match[7] ?? "").slice(0, 6).padEnd(6, "0"));
  const micros = BigInt(date.getTime() - offsetMinutes * 60_000) * 1000n + fraction;
  return micros < instantMin || micros > instantMax ? undefined : (micros as Instant);
}
