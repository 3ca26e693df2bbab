/** Times as text: what the tag `datetime` holds. */

import { formatInstant, type Instant, parseInstant } from "../../../kernel/instant.ts";
import { SwhFault } from "../errors.ts";
import { WireTime } from "./wire-value.ts";

const date = "(?<year>\\d{4})(?:-?(?<month>\\d\\d)(?:-?(?<day>\\d\\d))?)?";
const seconds = "(?<second>\\d\\d)(?:[.,](?<fraction>\\d+))?";
const clock = `(?<hour>\\d\\d)(?::?(?<minute>\\d\\d)(?::?${seconds})?)?`;
const zone = "(?<zone>Z|(?<sign>[+-])(?<zoneHour>\\d\\d)(?::?(?<zoneMinute>\\d\\d))?)";
const iso8601 = new RegExp(`^${date}(?:[T ]${clock}${zone}?)?$`);

/**
 * Reads ISO 8601 text; what is left out is the first month, the first day, midnight. Digits beyond
 * microseconds are cut. Without an offset the time is naive.
 * @throws SwhFault `ValueError`
 */
export function readIsoTime(text: string): WireTime {
  const parts = iso8601.exec(text)?.groups;
  if (parts === undefined) throw unreadable(text);
  try {
    return new WireTime(parseInstant(rfc3339(parts)), parts["zone"] === undefined);
  } catch {
    // There is no such day or hour.
    throw unreadable(text);
  }
}

function rfc3339(parts: Readonly<Record<string, string | undefined>>): string {
  const { year, month = "01", day = "01", hour = "00", minute = "00", second = "00" } = parts;
  const fraction = (parts["fraction"] ?? "0").slice(0, 6);
  const { sign = "+", zoneHour = "00", zoneMinute = "00" } = parts;
  const offset = `${sign}${zoneHour}:${zoneMinute}`;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${offset}`;
}

function unreadable(text: string): SwhFault {
  const shown = JSON.stringify(text.slice(0, 40));
  return new SwhFault("ValueError", `Unable to parse date string ${shown}`);
}

/** The text of an instant in UTC: microseconds only when there are some. */
export function isoTimeText(instant: Instant): string {
  return formatInstant(instant).replace(/(?:\.000000)?Z$/, "+00:00");
}
