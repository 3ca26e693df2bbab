/** Malformed requests of the frontier; what a row says is told in `bad-request.ts`. */

import type { OperationId } from "../../src/api/routes.ts";
import { type BadRequest, fault, type Fault, invalid, tooLarge } from "./bad-request.ts";

const origin = { url: "https://e.org/a", visitType: "git" };
const next = { visitType: "git", policy: "oldest-scheduled-first", count: 1 };
const visit = { ...origin, at: "2026-01-01T00:00:00Z", outcome: "failed" };
const many = Array.from({ length: 10_001 }, (_, index) => ({ ...origin, url: `u${index}` }));

type Row = readonly [title: string, body: unknown, wrong: Fault];

const listing = (first: object, ...rest: readonly object[]): object => ({
  lister: { name: "forge" },
  origins: [first, ...rest],
});

const importRows: readonly Row[] = [
  ["a listing by nobody", { origins: [] }, invalid("lister", "must be an object")],
  [
    "a lister without name",
    { lister: {}, origins: [] },
    invalid("lister.name", "must be a text that is not empty"),
  ],
  [
    "a listing of a text",
    { lister: { name: "forge" }, origins: "all" },
    invalid("origins", "must be an array"),
  ],
  [
    "a listing of too many origins",
    { lister: { name: "forge" }, origins: many },
    tooLarge("origins", "at most 10000 items"),
  ],
  [
    "an origin without url",
    listing(origin, { visitType: "git" }),
    invalid("origins[1].url", "must be a text that is not empty"),
  ],
  [
    "an origin with a word for a time",
    listing({ ...origin, lastUpdateAt: "yesterday" }),
    invalid("origins[0].lastUpdateAt", "RFC 3339"),
  ],
  [
    "an origin with an unknown field",
    listing({ ...origin, last_update: null }),
    invalid("origins[0].last_update", "not a known field"),
  ],
  [
    "an origin of too many letters",
    listing({ ...origin, url: "u".repeat(2_001) }),
    tooLarge("origins[0].url", "at most 2000 letters"),
  ],
];

const nextRows: readonly Row[] = [
  [
    "visits by no known policy",
    { ...next, policy: "newest-first" },
    fault("ORR_INPUT_POLICY", "policy", "one of oldest-scheduled-first"),
  ],
  ["no visits at all", { ...next, count: 0 }, invalid("count", "from 1 to 10000")],
  ["half a visit", { ...next, count: 1.5 }, invalid("count", "a whole number")],
  [
    "visits with a cool-down in words",
    { ...next, cooldowns: { failedMs: "1h" } },
    invalid("cooldowns.failedMs", "must be"),
  ],
  [
    "visits of a lister that is no id",
    { ...next, listerId: "github" },
    invalid("listerId", "must be a UUID"),
  ],
  [
    "visits of a lister that nobody has",
    { ...next, listerName: "github" },
    fault("ORR_NOT_FOUND_LISTER", "", "github"),
  ],
];

const rows: readonly (readonly [OperationId, readonly Row[]])[] = [
  ["importOrigins", importRows],
  ["nextVisits", nextRows],
  [
    "peekVisits",
    [["a look at visits of no type", { ...next, visitType: "" }, invalid("visitType", "a text")]],
  ],
  [
    "reportVisits",
    [
      [
        "a visit that went nowhere",
        { visits: [visit, { ...visit, outcome: "lost" }] },
        invalid("visits[1].outcome", "one of successful, failed, not_found"),
      ],
      [
        "a snapshot of half a byte",
        { visits: [{ ...visit, outcome: "successful", snapshot: "abc" }] },
        invalid("visits[0].snapshot", "bytes in hexadecimal"),
      ],
    ],
  ],
  [
    "getVisitStats",
    [
      [
        "stats of a url alone",
        { origins: [{ url: "u" }] },
        invalid("origins[0].visitType", "text"),
      ],
    ],
  ],
];

/** All rows. */
export const badFrontierRequests: readonly BadRequest[] = [
  ...rows.flatMap(([operation, ofOperation]) =>
    ofOperation.map(([title, body, wrong]): BadRequest => ({ title, operation, body, ...wrong })),
  ),
  {
    title: "counts of a lister that is no id",
    operation: "countOrigins",
    query: { listerId: "github" },
    ...invalid("listerId", "must be a UUID"),
  },
];
