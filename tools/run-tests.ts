/**
 * Runs all tests on the embedded PostgreSQL, and those of the store once more on the system's where
 * there is one. Ends with `N passed, N failed`. Arguments go to vitest and then only the first run
 * is made.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecord } from "../src/kernel/json.ts";

/** The least Node.js that runs the sources unbuilt. */
const nodeMajorMin = 24;

interface Totals {
  readonly passed: number;
  readonly failed: number;
}

async function runVitest(args: readonly string[], postgres: string): Promise<Totals> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-tests-"));
  const report = join(directory, "report.json");
  const { status } = spawnSync(
    "vitest",
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
    { stdio: "inherit", env: { ...process.env, ORRERY_TEST_POSTGRES: postgres } },
  );
  const text = await readFile(report, "utf8").catch(() => "{}");
  await rm(directory, { recursive: true, force: true });
  const totals: unknown = JSON.parse(text);
  const passed = countIn(totals, "numPassedTests");
  const failed = countIn(totals, "numFailedTests");
  // A run that ends badly without a failed test (a leak, a file that cannot load) has failed too.
  return { passed, failed: failed === 0 && status !== 0 ? 1 : failed };
}

function countIn(totals: unknown, name: string): number {
  const count = isRecord(totals) ? totals[name] : undefined;
  return typeof count === "number" ? count : 0;
}

function hasSystemPostgres(): boolean {
  const root = "/usr/lib/postgresql";
  return (
    existsSync(root) &&
    readdirSync(root).some((version) => existsSync(join(root, version, "bin", "postgres")))
  );
}

if (Number(process.versions.node.split(".")[0]) < nodeMajorMin) {
  console.error(`The tests need Node.js ${nodeMajorMin}; run them with: npm test`);
  process.exit(2);
}
const args = process.argv.slice(2);
const runs = [await runVitest(args, process.env["ORRERY_TEST_POSTGRES"] ?? "embedded")];
if (args.length === 0 && process.env["ORRERY_TEST_POSTGRES"] === undefined && hasSystemPostgres()) {
  console.log("\nOnce more on the system's PostgreSQL:");
  runs.push(await runVitest(["--project", "pg"], "system"));
}
const passed = runs.reduce((sum, run) => sum + run.passed, 0);
const failed = runs.reduce((sum, run) => sum + run.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
