/** A trigger that fires once. */

import { formatInstant, type Instant } from "../kernel/instant.ts";
import { BuiltTrigger, openWindow } from "./built-trigger.ts";
import { defaultZone } from "./cron-trigger.ts";
import type { FireSeries } from "./firing.ts";
import { readText, readTime, refuseMissing, refuseUnknownFields } from "./spec-reader.ts";
import type { SpecRecord } from "./spec-reader.ts";
import { zoneTable } from "./zone-table.ts";

/**
 * A one-off trigger from its stored form. `at` without an offset is local to `zone`, which is not
 * stored because the instant says all.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function readDateTrigger(record: SpecRecord): BuiltTrigger {
  refuseUnknownFields(record, ["kind", "at", "zone"]);
  const zone = zoneTable(readText(record, "zone") ?? defaultZone);
  const at = readTime(record, "at", zone) ?? refuseMissing("at");
  return new BuiltTrigger({
    spec: { kind: "date", at: formatInstant(at) },
    core: singleSeries(at),
    window: openWindow,
    describe: () => `once, at ${formatInstant(at).replace(".000000Z", "Z")}`,
  });
}

function singleSeries(at: Instant): FireSeries {
  return {
    next: (after) => (at > after ? at : undefined),
    previous: (before) => (at < before ? at : undefined),
    between: (from, to, limit) => (at > from && at <= to && limit > 0 ? [{ at }] : []),
  };
}
