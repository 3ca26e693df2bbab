/** The example's counts: by host, by section, what has changed, and as CSV. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changedCounts,
  csvOf,
  type PairCount,
  reportOf,
} from "../../examples/debian-archive/archive/origin-report.ts";

const pairs: readonly PairCount[] = [
  { host: "salsa.debian.org", section: "games", count: 3 },
  { host: "github.com", section: "games", count: 2 },
  { host: "salsa.debian.org", section: "perl", count: 1 },
  { host: "codeberg.org", section: "perl", count: 2 },
];

const anyPairs = fc.array(
  fc.record({
    host: fc.constantFrom("a", "b", "c"),
    section: fc.string({ maxLength: 4 }),
    count: fc.nat(1_000),
  }),
);

describe("reportOf", () => {
  it("puts the largest first, and equal ones in the order of names", () => {
    expect(reportOf(pairs)).toEqual({
      total: 8,
      byHost: [
        { name: "salsa.debian.org", count: 4 },
        { name: "codeberg.org", count: 2 },
        { name: "github.com", count: 2 },
      ],
      bySection: [
        { name: "games", count: 5 },
        { name: "perl", count: 3 },
      ],
    });
  });

  it("counts every origin once in either direction", () => {
    fc.assert(
      fc.property(anyPairs, (some) => {
        const report = reportOf(some);
        const sum = (counts: readonly { readonly count: number }[]): number =>
          counts.reduce((total, { count }) => total + count, 0);
        expect(sum(report.byHost)).toBe(report.total);
        expect(sum(report.bySection)).toBe(report.total);
      }),
    );
  });
});

describe("changedCounts", () => {
  it("names what is new, gone and different, and nothing else", () => {
    const before = [
      { name: "same", count: 1 },
      { name: "gone", count: 2 },
      { name: "more", count: 3 },
    ];
    const after = [
      { name: "same", count: 1 },
      { name: "more", count: 4 },
      { name: "new", count: 5 },
    ];
    expect(changedCounts(before, after)).toEqual([
      { name: "gone", from: 2, to: 0 },
      { name: "more", from: 3, to: 4 },
      { name: "new", from: 0, to: 5 },
    ]);
  });
});

describe("csvOf", () => {
  it("has a head and one line per pair", () => {
    expect(csvOf(pairs)).toBe(
      "host,section,count\n" +
        "salsa.debian.org,games,3\n" +
        "codeberg.org,perl,2\n" +
        "github.com,games,2\n" +
        "salsa.debian.org,perl,1\n",
    );
  });

  it("quotes fields that hold commas, quotes or line feeds", () => {
    expect(csvOf([{ host: 'a"b', section: "c,d\ne", count: 1 }])).toBe(
      'host,section,count\n"a""b","c,d\ne",1\n',
    );
  });
});
