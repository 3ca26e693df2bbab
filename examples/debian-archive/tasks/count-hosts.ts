/** Watches how many origins each host keeps; the configuration fires it by a cron rule. */

import { defineTask, eventful, uneventful } from "orrery";
import { countPairs, readHostCounts, storeHostCounts, withArchive } from "../archive/database.ts";
import { changedCounts, countBy } from "../archive/origin-report.ts";

/** Changes that the log names one by one. */
const namedMax = 5;

/** `eventful` when a count is not what it was in the run before. */
export const countHosts = defineTask({
  name: "countHosts",
  description: "Counts origins by host and tells what has changed",
  limits: { runningMax: 1 },
  run: ({ log, databaseUrl }) =>
    withArchive(databaseUrl, async (client) => {
      const counts = countBy(await countPairs(client), (pair) => pair.host);
      const changes = changedCounts(await readHostCounts(client), counts);
      for (const { name, from, to } of changes.slice(0, namedMax)) {
        log.info(`${name}: ${from} before, ${to} now`);
      }
      if (changes.length > 0) await storeHostCounts(client, counts);
      const output = { hosts: counts.length, changed: changes.length };
      return changes.length > 0 ? eventful(output) : uneventful(output);
    }),
});
