/** The example of Debian's origins: a few of them for a few days, its world, its picture. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { LagOfDay } from "../../examples/debian-origins/lag.ts";
import { lagChart } from "../../examples/debian-origins/lag-chart.ts";
import { tableHead, tableRow } from "../../examples/debian-origins/lag-table.ts";
import { readOrigins } from "../../examples/debian-origins/origins.ts";
import { simulate } from "../../examples/debian-origins/simulation.ts";
import {
  changeCount,
  lastChangeMs,
  nextChangeMs,
  Upstream,
} from "../../examples/debian-origins/upstream.ts";
import { createDatabase } from "../postgres/database.ts";

const { packageCount, urls } = readOrigins();

async function play(seed: number): Promise<readonly LagOfDay[]> {
  await using database = await createDatabase();
  return await simulate({
    database: { databaseUrl: database.connectionString },
    urls: urls.slice(0, 150),
    dayCount: 5,
    visitsPerHour: 3,
    seed,
  });
}

describe("the simulation", () => {
  it("visits what is new, then what has changed", async () => {
    const lags = await play(1);
    expect(lags.map(({ day }) => day)).toEqual([1, 2, 3, 4, 5]);
    // Two days of as many visits as can be made, nearly all for the first time.
    expect(lags.slice(0, 2).map(({ visitCount }) => visitCount)).toEqual([72, 72]);
    const seen = lags.map(({ seenPart }) => seenPart);
    expect(seen[0]).toBeLessThan(0.5);
    expect(seen[4]).toBeGreaterThan(0.7);
    expect([...(lags[0]?.foundCount.keys() ?? [])]).toContain("first-visits-after-listing");
    expect([...(lags[4]?.foundCount.keys() ?? [])]).toContain("already-visited-by-lag");
  });

  it("is told as a table and as a picture", async () => {
    const lags = await play(3);
    const lines = [...tableHead(), ...lags.map(tableRow)];
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    const svg = lagChart(lags, "150 < 151");
    expect(svg).toContain("150 &lt; 151");
    expect(svg.match(/<path /g)?.length).toBe(5);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("the origins", () => {
  it("are the addresses of all packages, each once", () => {
    expect(packageCount).toBe(31_681);
    expect(urls.length).toBe(29_160);
    expect(new Set(urls).size).toBe(urls.length);
  });
});

describe("the world behind them", () => {
  const startMs = Date.UTC(2026, 0, 1);
  const upstream = new Upstream(urls, { seed: 1, startMs });
  const days = fc.double({ min: 0, max: 3_000, noNaN: true });

  it("changes at its intervals and at no other time", () => {
    fc.assert(
      fc.property(fc.constantFrom(...urls.slice(0, 500)), days, (url, day) => {
        const repository = upstream.at(url);
        const atMs = startMs + day * 86_400_000;
        const [last, next] = [lastChangeMs(repository, atMs), nextChangeMs(repository, atMs)];
        expect(last).toBeLessThanOrEqual(atMs);
        expect(next).toBeGreaterThan(atMs - 1);
        expect(next - last).toBeCloseTo(repository.intervalMs, 0);
        expect(changeCount(repository, next + 1)).toBe(changeCount(repository, atMs) + 1);
      }),
    );
  });

  it("answers a visit with a new snapshot exactly when there was a change", () => {
    const url = "https://salsa.debian.org/games-team/0ad.git";
    const repository = upstream.at(url);
    const snapshots = new Set<string>();
    for (let hour = 0; hour < 24 * 400; hour += 1) {
      const found = upstream.visit(url, startMs + hour * 3_600_000);
      if (found.kind === "snapshot") snapshots.add(found.snapshot);
    }
    const endMs = startMs + (24 * 400 - 1) * 3_600_000;
    const changes = changeCount(repository, endMs) - changeCount(repository, startMs);
    expect(snapshots.size).toBe(changes + 1);
  });

  it("is the same for a seed", () => {
    const again = new Upstream(urls, { seed: 1, startMs });
    expect(again.repositories).toEqual(upstream.repositories);
    const other = new Upstream(urls, { seed: 2, startMs });
    expect(other.repositories).not.toEqual(upstream.repositories);
  });

  it("finds nothing where a host was switched off, and fails where there is no address", () => {
    const gone = urls.find((url) => url.includes("//anonscm.debian.org/git")) ?? "";
    expect(upstream.visit(gone, startMs)).toEqual({ kind: "not-found" });
    expect(upstream.visit("https://salsa.debian.org:debian/x.git", startMs).kind).toBe("failure");
  });
});
