/**
 * What a user gets: the repository is packed, the tarball installed in an empty project as the
 * README says, and everything that the README promises is done there, on the oldest Node.js that
 * is promised and on the pinned one. Needs npm's registry or a cache that has been there before.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { packageVersion } from "../../src/app/package-facts.ts";
import { packageProblems } from "../../tools/check-package.ts";
import { binaryOf, runCommand } from "./commands.ts";
import {
  hasOldest,
  installOldestNode,
  installProject,
  oldestVersion,
  packRepository,
  type Tarball,
} from "./installed-project.ts";
import { readmeBlock } from "./readme.ts";
import { serveOnce } from "./served-project.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const subpaths = [
  "orrery",
  "orrery/time",
  "orrery/graph",
  "orrery/client",
  "orrery/swh",
  "orrery/testing",
] as const;

let directory: string;
let project: string;
let tarball: Tarball;
let oldest: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "orrery-pack-"));
  project = join(directory, "project");
  tarball = await packRepository(directory);
  await installProject(project, tarball);
  if (hasOldest) oldest = await installOldestNode(join(directory, "oldest"));
  await writeFile(join(project, "first.mts"), await readmeBlock("ts"));
}, 240_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Checks `files` of the project as strictly as can be, and emits them to `out/`; answers notes. */
async function compile(...files: readonly string[]): Promise<string> {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable", "dom"],
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    // Our declarations are checked as well, and nothing but the package helps them.
    skipLibCheck: false,
    types: [],
    outDir: "out",
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const command = binaryOf(repository, "tsc");
  return (await runCommand({ command, args: ["-p", "."], directory: project })).out;
}

describe("the tarball", () => {
  test("holds the package and nothing else, within its size", () => {
    expect(packageProblems(tarball)).toEqual([]);
  });

  test("holds every file that its manifest names", async () => {
    const text = await readFile(join(project, "node_modules/orrery/package.json"), "utf8");
    const named = [...text.matchAll(/"(?:\.\/)?(dist\/[^"]*\.[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(2 * subpaths.length);
    expect(tarball.files.map(({ path }) => path)).toEqual(expect.arrayContaining(named));
  });

  test("names no path of the machine that built it", async () => {
    const root = join(project, "node_modules/orrery");
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    expect(files.length).toBe(tarball.files.length);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      const text = await readFile(path, "utf8");
      const found = [repository, "sourceMappingURL="].filter((each) => text.includes(each));
      expect(found, relative(root, path)).toEqual([]);
    }
  });
});

describe("types", () => {
  test("of every subpath check under the strictest settings", async () => {
    const imports = subpaths.map((name, index) => `export * as part${index} from "${name}";\n`);
    await writeFile(join(project, "all.mts"), imports.join(""));
    expect(await compile("first.mts", "all.mts")).toBe("");
  });

  test("refuse an argument that the README's task does not take", async () => {
    const text = await readmeBlock("ts");
    const wrong = text.replace('{ name: "world" }', "{ name: 1 }");
    expect(wrong).not.toBe(text);
    await writeFile(join(project, "wrong.mts"), wrong);
    await expect(compile("wrong.mts")).rejects.toThrow("Type 'number' is not assignable");
  });
});

const runtimes = [
  { name: "the pinned Node.js", isOldest: false },
  { name: `Node.js ${oldestVersion}`, isOldest: true },
];

describe.each(runtimes)("on $name", ({ isOldest }) => {
  const node = (): string => (isOldest ? oldest : process.execPath);

  beforeEach((context) => {
    context.skip(isOldest && !hasOldest, "npm has no such Node.js for this platform");
  });

  test("the README's example prints its greeting", async () => {
    await compile("first.mts");
    const file = isOldest ? "out/first.mjs" : "first.mts";
    const run = { command: "node", args: [file], directory: project, node: node() };
    expect((await runCommand(run)).out).toBe("Hello, world!\n");
  });

  test("every subpath can be imported and required, and nothing else resolves", async () => {
    const program = `
      const subpaths = ${JSON.stringify(subpaths)};
      const counts = {};
      for (const name of subpaths) {
        const imported = Object.keys(await import(name));
        const required = Object.keys(process.getBuiltinModule("module")
          .createRequire(process.cwd() + "/x.js")(name));
        counts[name] = [imported.length > 0, required.length === imported.length];
      }
      const refusals = [];
      for (const path of ["dist/public/index.js", "src/public/index.ts", "kernel", "cli"]) {
        refusals.push(await import("orrery/" + path).then(() => path, (error) => error.code));
      }
      console.log(JSON.stringify({ counts, refusals }));
    `;
    const args = ["--input-type=module", "--eval", program];
    const run = { command: "node", args, directory: project, node: node() };
    const { out } = await runCommand(run);
    expect(JSON.parse(out)).toEqual({
      counts: Object.fromEntries(subpaths.map((name) => [name, [true, true]])),
      refusals: Array.from({ length: 4 }, () => "ERR_PACKAGE_PATH_NOT_EXPORTED"),
    });
  });

  test("orrery init writes a project that doctor approves and serve runs", async () => {
    const folder = join(project, isOldest ? "tasks-oldest" : "tasks-pinned");
    await mkdir(folder);
    const command = binaryOf(project, "orrery");
    const run = async (...args: readonly string[]): Promise<string> =>
      (await runCommand({ command, args, directory: folder, node: node() })).out;
    expect(await run("--version")).toBe(`${packageVersion()}\n`);
    await run("init");
    expect(JSON.parse(await run("doctor", "--json"))).toMatchObject({ ok: true });
    const served = await serveOnce({ command, directory: folder, node: node() });
    expect(served).toMatchObject({
      exitCode: 0,
      err: "",
      ended: { type: "hello", outcome: "eventful" },
    });
  });
});

test("orrery init writes modules where npm init has written a CommonJS manifest", async () => {
  const folder = join(project, "commonjs");
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  const command = binaryOf(project, "orrery");
  await runCommand({ command, args: ["init"], directory: folder });
  const args = ["doctor", "--json"];
  const { out } = await runCommand({ command, args, directory: folder });
  expect(JSON.parse(out)).toMatchObject({ ok: true });
  expect(out).toContain("1 task type(s): hello");
});
