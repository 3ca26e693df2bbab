import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { isRecord } from "../../src/kernel/json.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const typescript = join(root, "node_modules/typescript/bin/tsc");

/** Where no other compiler looks, and packages are found all the same. */
async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(root, "node_modules/.types-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Compiles files under the repository's options; answers what the compiler said. */
async function compile(files: readonly string[]): Promise<string> {
  const directory = await freshDirectory();
  const config = join(directory, "tsconfig.json");
  const types = ["node"];
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noEmit: true, types, typeRoots: [join(root, "node_modules/@types")] },
      files,
      include: [],
    }),
  );
  const run = promisify(execFile)(process.execPath, [typescript, "-p", config]);
  return run.then(
    () => "",
    (failure: unknown) => (isRecord(failure) ? String(failure["stdout"]) : "no answer"),
  );
}

const tasks = join(root, "test/types/typed-tasks.ts");
const graphs = join(root, "test/types/typed-graphs.ts");

test("the good cases compile and every bad one is refused", async () => {
  expect(await compile([tasks, graphs])).toBe("");
});

test.each([
  [tasks, 'scheduler.run(level, "medium")', 'scheduler.run(level, "high")'],
  [graphs, 'requires: ["key"], // no such node', 'requires: ["vpc"],'],
])("a bad case of %s that would compile is found", async (cases, bad, good) => {
  const text = await readFile(cases, "utf8");
  const changed = text
    .replaceAll('"../../src/', JSON.stringify(join(root, "src/")).slice(0, -1))
    .replace(bad, good);
  const directory = await freshDirectory();
  const file = join(directory, "changed.ts");
  await writeFile(file, changed);
  expect(await compile([file])).toContain("Unused '@ts-expect-error' directive");
});
