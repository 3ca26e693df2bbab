/**
 * Cron around clock changes against the slow enumerator, and the zone tables against the runtime.
 * By default a seeded sample of zones and changes; `CHECK_TIME=all` takes all zones of the runtime
 * and all their changes from 1990 to 2037, which takes some minutes.
 */

import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { instantFromMillis, millisOf } from "../../src/kernel/instant.ts";
import { createRng, integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { offsetHistoryFromIntl } from "../../src/time/zone-changes.ts";
import { type Trigger, triggerFromSpec } from "../../src/time/trigger.ts";
import { clockChangePolicies, type ClockChangePolicy } from "../../src/time/trigger-spec.ts";
import { zoneTable } from "../../src/time/zone-table.ts";
import {
  type Job,
  randomJob,
  slowDaemon,
  slowMatch,
  slowOnce,
  wallMinutes,
} from "./slow-enumerator.ts";

const wholeCheck = process.env["CHECK_TIME"] === "all";
const seed = Number(process.env["CHECK_TIME_SEED"] ?? 20_261_121);
const sampledZoneCount = 24;
const changesPerZone = wholeCheck ? Infinity : 2;
const jobsPerChange = wholeCheck ? 3 : 12;
/** For one zone of the whole check, in milliseconds. */
const zoneTimeoutMs = 300_000;
const daySeconds = 86_400;

/** Zones whose changes are unusual, always in the sample. */
const oddZones = [
  "America/New_York",
  "Australia/Lord_Howe",
  "Antarctica/Troll",
  "Pacific/Apia",
  "Pacific/Kwajalein",
  "Africa/Casablanca",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Asia/Pyongyang",
  "Europe/Dublin",
];

function sampleZones(): readonly string[] {
  const zones = Intl.supportedValuesOf("timeZone");
  if (wholeCheck) return zones;
  const rng = createRng(seed);
  const drawn = Array.from({ length: sampledZoneCount - oddZones.length }, () => pick(rng, zones));
  return [...new Set([...oddZones, ...drawn])];
}

function pick<Value>(rng: Rng, values: readonly Value[]): Value {
  const value = values[integerBetween(rng, 0, values.length - 1)];
  return value ?? expect.unreachable("nothing to pick from");
}

/** The seconds of a zone's changes from 1990 to 2037, as Temporal knows them. */
function changesOf(zone: string): readonly number[] {
  const changes: number[] = [];
  let at = Temporal.ZonedDateTime.from({ timeZone: zone, year: 1990, month: 1, day: 1 });
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next.year > 2037) return changes;
    changes.push(next.epochMilliseconds / 1000);
    at = next;
  }
}

function triggerOf(job: Job, zone: string, clockChange: ClockChangePolicy): Trigger {
  return triggerFromSpec({
    kind: "cron",
    dialect: "vixie",
    expression: job.expression,
    zone,
    clockChange,
  });
}

const slow = { match: slowMatch, daemon: slowDaemon, once: slowOnce };

function sampleChanges(zone: string, rng: Rng): readonly number[] {
  const changes = changesOf(zone);
  if (changes.length <= changesPerZone) return changes;
  return Array.from({ length: changesPerZone }, () => pick(rng, changes));
}

describe(`cron around clock changes, seed ${seed}`, () => {
  it.each(sampleZones().map((zone) => [zone]))(
    "%s agrees with the slow enumerator",
    (zone) => {
      const rng = createRng(seed ^ zone.length ^ (zone.codePointAt(zone.length - 1) ?? 0));
      for (const change of sampleChanges(zone, rng)) {
        // The walk begins two days early, so that it has seen what an overlap repeats.
        const minutes = wallMinutes(zone, change - 2 * daySeconds, change + 2 * daySeconds);
        const [from, to] = [change - daySeconds, change + 2 * daySeconds];
        for (let count = 0; count < jobsPerChange; count += 1) {
          const job = randomJob(() => rng.next());
          for (const policy of clockChangePolicies) {
            const expected = slow[policy](job, minutes).filter((at) => at > from);
            const fires = triggerOf(job, zone, policy)
              .between(instantFromMillis(from * 1000), instantFromMillis(to * 1000), 1e6)
              .map(({ at }) => millisOf(at) / 1000);
            const place = `${job.expression} in ${zone} around ${change}, ${policy}`;
            expect({ place, fires }).toEqual({ place, fires: expected });
          }
        }
      }
    },
    zoneTimeoutMs,
  );
});

describe("zone tables", () => {
  const zones = wholeCheck ? sampleZones() : sampleZones().slice(0, 12);

  it.each(zones.map((zone) => [zone]))(
    "%s has the changes that bisection finds",
    (zone) => {
      const range = wholeCheck ? [1840, 2101] : [1965, 1995];
      const [from, to] = range.map((year) => Date.UTC(year, 0, 1) / 1000);
      const found = offsetHistoryFromIntl(zone, { from: from ?? 0, to: to ?? 0 });
      const table = zoneTable(zone);
      let piece = table.pieceAt(from ?? 0);
      expect(piece.offset).toBe(found.initialOffset);
      for (const change of found.changes) {
        piece = table.pieceAt(piece.end);
        expect(piece).toMatchObject({ start: change.at, offset: change.offset });
      }
      expect(piece.end).toBeGreaterThanOrEqual(to ?? 0);
    },
    zoneTimeoutMs,
  );

  it.each(zones.map((zone) => [zone]))("%s shows the runtime's offsets far ahead", (zone) => {
    const rng = createRng(seed);
    const table = zoneTable(zone);
    for (let count = 0; count < 40; count += 1) {
      const at = Math.floor(Date.UTC(integerBetween(rng, 2087, 9000), 0, 1) / 1000);
      const second = at + integerBetween(rng, 0, 366 * daySeconds);
      const runtime = offsetHistoryFromIntl(zone, { from: second, to: second }).initialOffset;
      const { offset } = table.pieceAt(second);
      expect({ second, offset }).toEqual({ second, offset: runtime });
    }
  });
});
