/** Everything that is held besides tests: types, lint, format, generated files, package shape. */

import { spawnSync } from "node:child_process";

const checks: readonly (readonly [string, ...string[]])[] = [
  ["tsc", "-p", "tsconfig.json"],
  ["tsc", "-p", "tsconfig.pure.json"],
  ["oxlint", "--type-aware", "--deny-warnings", "src", "test", "tools", "examples", "bench"],
  ["oxfmt", "--check", "src", "test", "tools", "examples", "bench"],
  ["node", "tools/generate-migrations.ts", "--check"],
  ["node", "tools/build.ts"],
  ["publint", "--strict"],
  ["knip"],
];

let failedCount = 0;
for (const [command, ...args] of checks) {
  const name = [command, ...args].join(" ");
  console.log(`check: ${name}`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) {
    failedCount += 1;
    console.error(`check failed: ${name}`);
  }
}
process.exitCode = failedCount === 0 ? 0 : 1;
