import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { OrreryError } from "../kernel/errors.ts";
import { defineTask } from "../model/define-task.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { scanTasks, type TaskScan } from "./scan-tasks.ts";
import { createCatalogue } from "./task-catalogue.ts";

const defineTaskUrl = new URL("../model/define-task.ts", import.meta.url).href;
const task = `import { defineTask } from ${JSON.stringify(defineTaskUrl)};
const run = () => { throw new Error("a handler ran while modules were scanned"); };
`;

/** A directory of modules by path; gone after the test. */
async function directoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-scan-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return directory;
}

function namesOf(scan: TaskScan): readonly string[] {
  return scan.tasks.map((each) => each.named.settings.name);
}

test("a definition is called after its module and export, unless it says otherwise", async () => {
  const directory = await directoryOf({
    "jobs/mail.mjs": `${task}export const sendAll = defineTask({ run });
export const named = defineTask({ name: "greet", run });
export default defineTask({ run });
export const limit = 5;`,
    "top.mjs": `${task}export const step = defineTask({ run });`,
    "typed.ts": `${task}const seconds: number = 5;
export const wait = defineTask({ run, timeoutMs: seconds * 1000 });`,
  });
  const scan = await scanTasks([directory], systemClock);
  expect(scan.broken).toEqual([]);
  expect(namesOf(scan)).toEqual([
    "jobs.mail",
    "greet",
    "jobs.mail.sendAll",
    "top.step",
    "typed.wait",
  ]);
});

test("tests, declarations, packages and dot directories are not modules", async () => {
  const boom = "throw new Error('imported');";
  const directory = await directoryOf({
    "a.test.ts": boom,
    "a.test.mjs": boom,
    "a.d.ts": boom,
    "a.json": "{}",
    "a.cjs": boom,
    "node_modules/x/index.mjs": boom,
    ".cache/x.mjs": boom,
    "good.mjs": `${task}export const a = defineTask({ run });`,
  });
  const scan = await scanTasks([directory], systemClock);
  expect(scan.broken).toEqual([]);
  expect(namesOf(scan)).toEqual(["good.a"]);
});

test("a broken module is named with its error and hides none of the others", async () => {
  const directory = await directoryOf({
    "a.mjs": `${task}export const a = defineTask({ run });`,
    "syntax.mjs": "export const = 5;",
    "throws.mjs": "throw new TypeError('no such host');",
    "missing.mjs": "import 'a-package-that-nobody-installed';",
    "wrong.mjs": `${task}export const fine = defineTask({ run });
export const bad = defineTask({ run, retry: { limit: -1 } });`,
    "odd name.mjs": `${task}export const x = defineTask({ run });`,
    "z.mjs": `${task}export const z = defineTask({ run });`,
  });
  const scan = await scanTasks([directory], systemClock);
  expect(namesOf(scan)).toEqual(["a.a", "z.z"]);
  const broken = scan.broken.map(({ file, error }) => [relative(directory, file), error.message]);
  expect(broken).toEqual([
    ["missing.mjs", expect.stringContaining("a-package-that-nobody-installed")],
    ["odd name.mjs", expect.stringContaining("name must be letters, digits")],
    ["syntax.mjs", expect.stringContaining("syntax.mjs")],
    ["throws.mjs", expect.stringContaining("no such host")],
    ["wrong.mjs", expect.stringContaining("retry.limit")],
  ]);
  for (const { file, error } of scan.broken) {
    expect(error.code).toBe("ORR_CONFIG_FILE");
    expect(error.details["value"]).toBe(file);
  }
});

test("a module that never finishes importing hides none of the others", async () => {
  const directory = await directoryOf({
    "hangs.mjs": "await new Promise(() => undefined);",
    "z.mjs": `${task}export const z = defineTask({ run });`,
  });
  const clock = createManualClock();
  const scanning = scanTasks([directory], clock);
  while (clock.timerCount === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(30_000);
  const scan = await scanning;
  expect(namesOf(scan)).toEqual(["z.z"]);
  expect(scan.broken[0]?.error.message).toContain("was not imported within 30000 ms");
});

test("what a module imports and exports again is one definition", async () => {
  const directory = await directoryOf({
    "a.mjs": `${task}export const a = defineTask({ run });`,
    "b.mjs": `export { a } from "./a.mjs"; export { a as again } from "./a.mjs";`,
  });
  expect(namesOf(await scanTasks([directory], systemClock))).toEqual(["a.a"]);
});

test("a module that is a link is a module, a link to nothing is none", async () => {
  const directory = await directoryOf({
    ".data/real.mjs": `${task}export const a = defineTask({ run });`,
  });
  await symlink(join(directory, ".data/real.mjs"), join(directory, "linked.mjs"));
  await symlink(join(directory, "nowhere"), join(directory, "dangling.mjs"));
  await symlink(directory, join(directory, "circle"));
  expect(namesOf(await scanTasks([directory], systemClock))).toEqual(["linked.a"]);
});

test("a directory that is not there is refused by its name", async () => {
  const directory = join(dirname(fileURLToPath(import.meta.url)), "no-such-directory");
  await expect(scanTasks([directory], systemClock)).rejects.toMatchObject({
    code: "ORR_CONFIG_INVALID",
    details: { field: "taskDirectories", value: directory },
  });
});

function refusal(work: () => unknown): OrreryError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

const run = (): undefined => undefined;
const nothing: TaskScan = { tasks: [], broken: [] };

test("two definitions of one name are refused with both places", async () => {
  const directory = await directoryOf({
    "a.mjs": `${task}export const a = defineTask({ name: "mail", run });`,
    "b.mjs": `${task}export const b = defineTask({ name: "mail", run });`,
  });
  const scan = await scanTasks([directory], systemClock);
  const error = refusal(() => createCatalogue({ tasks: [], scan }));
  expect(error.code).toBe("ORR_CONFLICT_NAME");
  expect(error.details["origins"]).toEqual([
    `${join(directory, "a.mjs")}#a`,
    `${join(directory, "b.mjs")}#b`,
  ]);
});

test("a definition that was handed in needs a name", () => {
  const tasks = [defineTask({ name: "a", run }), defineTask({ run })];
  const error = refusal(() => createCatalogue({ tasks, scan: nothing }));
  expect(error).toMatchObject({ code: "ORR_CONFIG_INVALID", details: { field: "tasks[1].name" } });
});

test("a catalogue finds by name, by part of a name and by definition", async () => {
  const directory = await directoryOf({
    "jobs/alpha.mjs": `${task}export const load = defineTask({ run });`,
    "jobs/beta.mjs": `${task}export const load = defineTask({ run });
export const clean = defineTask({ run });`,
  });
  const scan = await scanTasks([directory], systemClock);
  const mine = defineTask({ name: "mine", run });
  const catalogue = createCatalogue({ tasks: [mine, mine], scan });
  expect(catalogue.list().map(({ settings }) => settings.name)).toEqual([
    "jobs.alpha.load",
    "jobs.beta.clean",
    "jobs.beta.load",
    "mine",
  ]);
  expect(catalogue.find("mine")).toBe(mine);
  expect(catalogue.find("load")).toBeUndefined();
  expect(catalogue.resolve("clean").settings.name).toBe("jobs.beta.clean");
  expect(catalogue.match("jobs.*.load")).toEqual(["jobs.alpha.load", "jobs.beta.load"]);
  expect(refusal(() => catalogue.resolve("load")).details["candidates"]).toEqual([
    "jobs.alpha.load",
    "jobs.beta.load",
  ]);
  const found = scan.tasks[0];
  expect(found && catalogue.nameOf(found.definition)).toBe("jobs.alpha.load");
  expect(catalogue.nameOf(defineTask({ name: "elsewhere", run }))).toBe("elsewhere");
});
