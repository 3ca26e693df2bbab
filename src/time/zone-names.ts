/** Names of time zones: which the runtime knows, and what was probably meant by the others. */

import { editDistance } from "./nearest-word.ts";
import { triggerError } from "./trigger-error.ts";

/** Longer than any zone name, with room for new ones. */
const zoneNameLengthMax = 64;
/** How many near names an error lists. */
const nearestCount = 3;

/**
 * The name of a zone with the runtime's capital letters; links such as `Asia/Kolkata` keep their
 * name where the runtime can tell.
 * @throws InvalidInputError `ORR_INPUT_ZONE` with the nearest names in `details.nearest`
 */
export function canonicalZoneName(zone: string): string {
  const name = zone.length <= zoneNameLengthMax ? runtimeZoneName(zone) : undefined;
  if (name !== undefined) return name;
  const nearest = nearestZoneNames(zone);
  throw triggerError(
    {
      field: "zone",
      expression: zone,
      reasonCode: "unknown_zone",
      reason: `the runtime knows no such time zone; near ones are ${nearest.join(", ")}`,
    },
    { nearest },
  );
}

function runtimeZoneName(zone: string): string | undefined {
  let resolved: string;
  try {
    resolved = new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    // A RangeError, which is how Intl says that it does not know the zone.
    return undefined;
  }
  if (typeof Temporal !== "undefined") {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId;
  }
  return resolved.toLowerCase() === zone.toLowerCase() ? resolved : zone;
}

/**
 * The zones whose names are nearest to `text`, the nearest first. A name also counts as near when
 * its city is: `new york` finds `America/New_York`.
 */
export function nearestZoneNames(text: string, count: number = nearestCount): readonly string[] {
  const wanted = normalize(text.slice(0, zoneNameLengthMax));
  const wantedCity = cityOf(wanted);
  return ["UTC", ...Intl.supportedValuesOf("timeZone")]
    .map((name) => {
      const normal = normalize(name);
      const byName = editDistance({ from: wanted, to: normal });
      const byCity =
        editDistance({ from: wantedCity, to: cityOf(normal) }) + (wanted === wantedCity ? 0 : 2);
      return { name, distance: Math.min(byName, byCity) };
    })
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, "_");
}

function cityOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
