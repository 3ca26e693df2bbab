/** The server of `npm start`: real work on a list of 31,681 source packages. */

import { defineConfig } from "orrery";

export default defineConfig({
  tasks: ["tasks"],
  schedules: [
    // One tree: the report is made when the import has succeeded.
    { key: "archive/import", type: "importOrigins", input: {} },
    {
      key: "archive/report",
      type: "summarise",
      input: {},
      parentKey: "archive/import",
      requires: [{ key: "archive/import" }],
    },
    // At an interval that follows what it finds.
    { key: "server/health", type: "checkSelf", triggers: [{ kind: "adaptive" }] },
    // By the clock, here at each third of a minute.
    {
      key: "archive/hosts",
      type: "countHosts",
      triggers: [
        {
          kind: "cron",
          dialect: "vixie",
          expression: "*/20 * * * * *",
          seconds: "first",
          zone: "UTC",
          clockChange: "match",
        },
      ],
    },
    // Every so often, counted from its start.
    {
      key: "server/disk",
      type: "diskSpace",
      triggers: [{ kind: "interval", everyMs: 15_000 }],
    },
    // Once, a moment after the first start.
    { key: "archive/verify", type: "verifyData", delayMs: 5_000 },
    // Once, with two failures on the way.
    { key: "mirror/reach", type: "reachMirror" },
  ],
});
