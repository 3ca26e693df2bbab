/** Sixty days of visits to Debian's repositories under a manual clock: a table, and a picture. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { lagChart } from "./lag-chart.ts";
import { tableHead, tableRow } from "./lag-table.ts";
import { readOrigins } from "./origins.ts";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    days: { type: "string", default: "60" },
    "per-hour": { type: "string", default: "120" },
    seed: { type: "string", default: "1" },
    svg: { type: "string", default: fileURLToPath(new URL("lag.svg", import.meta.url)) },
  },
});
const dayCount = wholeNumber("--days", values.days, 3_650);
const visitsPerHour = wholeNumber("--per-hour", values["per-hour"], 250);
const seed = wholeNumber("--seed", values.seed, 4_294_967_295);

const startedMs = performance.now();
const { packageCount, urls } = readOrigins();
console.log(
  `${packageCount} packages at ${urls.length} addresses, ${visitsPerHour} visits an hour`,
);
for (const line of tableHead()) console.log(line);
const dataDirectory = await mkdtemp(join(tmpdir(), "orrery-debian-origins-"));
try {
  const lags = await simulate({
    database: { dataDirectory },
    urls,
    dayCount,
    visitsPerHour,
    seed,
    onDay: (lag) => {
      if (lag.day <= 10 || lag.day % 5 === 0) console.log(tableRow(lag));
    },
  });
  const visitCount = lags.reduce((sum, lag) => sum + lag.visitCount, 0);
  const subtitle = `${urls.length} repositories, ${visitsPerHour} visits an hour, seed ${seed}`;
  await writeFile(values.svg, lagChart(lags, subtitle));
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(`${visitCount} visits in ${dayCount} days, played in ${seconds} s`);
  console.log(`the picture is in ${values.svg}`);
} finally {
  await rm(dataDirectory, { recursive: true, force: true });
}

function wholeNumber(name: string, text: string, max: number): number {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new TypeError(
    `${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}`,
  );
}
