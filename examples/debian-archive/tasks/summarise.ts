/** Reports what was imported: by host and by section, as the run's output and as a CSV file. */

import { mkdir, rename, writeFile } from "node:fs/promises";
import { defineTask } from "orrery";
import { z } from "zod";
import { countPairs, withArchive } from "../archive/database.ts";
import { csvOf, reportOf } from "../archive/origin-report.ts";

const outDirectory = new URL("../out/", import.meta.url);

/** Stored as a child of `importOrigins` that requires it, so it sees a finished import. */
export const summarise = defineTask({
  name: "summarise",
  description: "Counts origins by host and section; writes out/origins.csv",
  input: z.object({ hostCount: z.number().int().min(1).max(1_000).default(1_000) }),
  run: async ({ params, log, databaseUrl, runId }) => {
    const pairs = await withArchive(databaseUrl, countPairs);
    const report = reportOf(pairs);
    await mkdir(outDirectory, { recursive: true });
    // Written aside and renamed, so that nobody ever reads half of it.
    const half = new URL(`origins.${runId}.part`, outDirectory);
    const file = new URL("origins.csv", outDirectory);
    await writeFile(half, csvOf(pairs));
    await rename(half, file);
    for (const { name, count } of report.byHost.slice(0, 5)) log.info(`${name}: ${count}`);
    return { ...report, byHost: report.byHost.slice(0, params.hostCount), file: file.pathname };
  },
});
