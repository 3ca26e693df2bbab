/**
 * Everything that is held besides tests: types, lint, format, generated files, unused code, and the
 * package's shape, contents and size. `test/tidy.test.ts` holds links and the rules of this house.
 */

import { spawnSync } from "node:child_process";

const folders = ["src", "test", "tools", "examples", "bench"] as const;

const checks: readonly (readonly [string, ...string[]])[] = [
  ["tsc", "-p", "tsconfig.json"],
  ["tsc", "-p", "tsconfig.pure.json"],
  ["oxlint", "--type-aware", "--deny-warnings", ...folders],
  ["oxfmt", "--check", ...folders],
  ["node", "tools/generate-migrations.ts", "--check"],
  ["node", "tools/generate-errors.ts", "--check"],
  ["knip"],
  ["node", "tools/build.ts"],
  ["publint", "--strict"],
  ["attw", "--pack", ".", "--profile", "esm-only"],
  ["node", "tools/check-package.ts"],
  ["node", "--conditions=orrery-source", "bench/queue/main.ts", "--quick"],
];

let failedCount = 0;
for (const [command, ...args] of checks) {
  const name = [command, ...args].join(" ");
  console.log(`check: ${name}`);
  // What a check says is only worth reading when it is not content.
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) continue;
  failedCount += 1;
  console.error([stdout, stderr, error?.message, `check failed: ${name}`].join("\n"));
}
process.exitCode = failedCount === 0 ? 0 : 1;
