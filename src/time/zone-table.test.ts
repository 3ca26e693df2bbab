import { describe, expect, it } from "vitest";
import { assert } from "../kernel/assert.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import { canonicalZoneName, nearestZoneNames } from "./zone-names.ts";
import { zoneTable } from "./zone-table.ts";

const second = (text: string): number => Date.parse(text) / 1000;

/** The details of the error that refuses. */
function refusalOf(call: () => unknown): JsonObject {
  try {
    call();
  } catch (error) {
    assert(error instanceof InvalidInputError, "refused as input");
    return error.details;
  }
  return expect.unreachable("accepted");
}

describe("a zone's pieces", () => {
  it("join without hole from local mean time to the far future", () => {
    const table = zoneTable("America/New_York");
    let piece = table.pieceAt(second("1800-01-01T00:00:00Z"));
    expect(piece).toMatchObject({ start: -Infinity, offset: -17_762 });
    while (piece.end < second("2200-01-01T00:00:00Z")) {
      const next = table.pieceAt(piece.end);
      expect(next.start).toBe(piece.end);
      expect(next.offsetBefore).toBe(piece.offset);
      expect(next.end).toBeGreaterThan(next.start);
      expect(table.pieceAt(next.start - 1)).toMatchObject({ start: piece.start, end: piece.end });
      piece = next;
    }
  });

  it("follow the rules in years that no table lists", () => {
    const table = zoneTable("America/New_York");
    // The second Sunday of March, at 02:00 local.
    expect(table.pieceAt(second("3021-03-11T06:59:59Z")).offset).toBe(-5 * 3600);
    expect(table.pieceAt(second("3021-03-11T07:00:00Z")).offset).toBe(-4 * 3600);
  });

  it("end where a zone no longer changes its clock", () => {
    expect(zoneTable("Asia/Tokyo").pieceAt(second("2026-01-01T00:00:00Z")).end).toBe(Infinity);
    expect(zoneTable("UTC").pieceAt(0)).toMatchObject({ start: -Infinity, end: Infinity });
  });
});

describe("zone names", () => {
  it("get the runtime's capital letters", () => {
    expect(canonicalZoneName("america/new_york")).toBe("America/New_York");
    expect(zoneTable("EUROPE/paris")).toBe(zoneTable("Europe/Paris"));
  });

  it("keep the name of a link", () => {
    expect(canonicalZoneName("Asia/Kolkata")).toBe("Asia/Kolkata");
  });

  it.each([
    ["Europe/Pariss", "Europe/Paris"],
    ["new york", "America/New_York"],
    ["America/NewYork", "America/New_York"],
    ["berlin", "Europe/Berlin"],
  ])("near %s is %s", (text, name) => {
    expect(nearestZoneNames(text)[0]).toBe(name);
  });

  it.each(["Mars/Olympus", "", "local", "x".repeat(10_000), "Europe/Paris\0"])(
    "%s is refused with the nearest ones",
    (zone) => {
      const details = refusalOf(() => zoneTable(zone));
      expect(details).toMatchObject({ field: "zone", reasonCode: "unknown_zone" });
      expect(details["nearest"]).toHaveLength(3);
    },
  );
});
