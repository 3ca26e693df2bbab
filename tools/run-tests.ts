/**
 * Runs all tests on the embedded PostgreSQL, and those of the rooms with statements of their own
 * once more on the system's where there is one. Ends with the names of the failed tests and
 * `N passed, N failed`. Arguments go to vitest and then only the first run is made.
 */

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecord } from "../src/kernel/json.ts";

/** The least Node.js that runs the sources unbuilt. */
const nodeMajorMin = 24;

/**
 * Tests of the rooms that hold or drive the statements; the others see the same store through them,
 * and the folders in these rooms are about servers of their own.
 */
const statementTests: readonly string[] = globSync("src/{store,engine,service}/*.pg.test.ts");

/** Letters of a failure that are shown at the end; the whole stands where it happened. */
const failureLettersMax = 2_000;

interface Totals {
  readonly passed: number;
  readonly failed: number;
  /** Name and message of each failed test, and of each file that could not be run. */
  readonly failures: readonly string[];
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
  const passed = fieldOf(totals, "numPassedTests");
  const failed = fieldOf(totals, "numFailedTests");
  const failures = failuresIn(totals);
  // A run that ends badly without a failed test (a leak, a file that cannot load) has failed too.
  const isBad = status !== 0 && failed === 0;
  return {
    passed: typeof passed === "number" ? passed : 0,
    failed: isBad || typeof failed !== "number" ? 1 : failed,
    failures: isBad && failures.length === 0 ? [`vitest ended with ${status}`] : failures,
  };
}

function failuresIn(totals: unknown): readonly string[] {
  return listIn(totals, "testResults").flatMap((file) => {
    const failed = listIn(file, "assertionResults").filter(
      (test) => fieldOf(test, "status") === "failed",
    );
    const name = String(fieldOf(file, "name"));
    if (failed.length === 0 && fieldOf(file, "status") === "failed") {
      return [`${name}\n${String(fieldOf(file, "message"))}`];
    }
    return failed.map((test) => {
      const messages = listIn(test, "failureMessages").map(String).join("\n");
      return `${name} > ${String(fieldOf(test, "fullName"))}\n${messages}`;
    });
  });
}

function fieldOf(record: unknown, name: string): unknown {
  return isRecord(record) ? record[name] : undefined;
}

function listIn(record: unknown, name: string): readonly unknown[] {
  const value = fieldOf(record, name);
  return Array.isArray(value) ? value : [];
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
  runs.push(await runVitest(["--project", "pg", ...statementTests], "system"));
}
const passed = runs.reduce((sum, run) => sum + run.passed, 0);
const failed = runs.reduce((sum, run) => sum + run.failed, 0);
for (const failure of runs.flatMap((run) => run.failures)) {
  console.log(`\nfailed: ${failure.slice(0, failureLettersMax)}`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
