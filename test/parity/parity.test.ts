/**
 * Holds docs/parity.md to the truth. Three things are compared: the documented members of the five
 * systems (members.json), the page's rows, and what src/public exports and the tests really show.
 * The comparison is pure, so that the last tests can show each way in which it fails.
 */

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isRecord } from "../../src/kernel/json.ts";
import { parse } from "../tidy/syntax.ts";
import memberData from "./members.json" with { type: "json" };

/** What the five systems document. */
interface Member {
  readonly system: string;
  readonly name: string;
  readonly kind: string;
  readonly signature: string;
}

/** One row of the page. */
interface Row {
  readonly system: string;
  readonly name: string;
  readonly ours: string;
  readonly state: string;
  readonly proof: string;
}

/** What the page is compared with. */
interface Evidence {
  readonly members: readonly Member[];
  /** The titles of a test file; undefined when there is no such file. */
  titlesOf(path: string): readonly string[] | undefined;
  /** The exports of a system's public module; undefined when there is none yet. */
  exportsOf(system: string): object | undefined;
}

/** The page's heading of each system, and its file below src/public. */
const systems: Readonly<Record<string, readonly [heading: string, file: string]>> = {
  "bi-etl": ["bi_etl", "bi-etl"],
  swh: ["swh-scheduler", "swh"],
  em: ["em_scheduler", "em"],
  geohealthcheck: ["GeoHealthCheck", "geohealthcheck"],
  heat: ["heat.engine.scheduler", "graph"],
};

const root = new URL("../..", import.meta.url).pathname;
const page = readFileSync(`${root}docs/parity.md`, "utf8");
const rows = rowsOf(page);

function rowsOf(markdown: string): readonly Row[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const heading = section.split("\n", 1)[0]?.trim();
    const system = Object.keys(systems).find((name) => systems[name]?.[0] === heading);
    if (system === undefined) return [];
    return section.split("\n").flatMap((line) => {
      const match = /^\| `([^`]+)` \| `([^`]+)` \| ([^|]*?) \|(?: (.*?))? ?\|$/.exec(line);
      if (match === null) return [];
      const [name = "", ours = "", state = "", proof = ""] = match.slice(1);
      return [{ system, name, ours, state, proof }];
    });
  });
}

function problemsOf(found: readonly Row[], evidence: Evidence): readonly string[] {
  const label = (item: Row | Member): string => `${item.system} ${item.name}`;
  const labels = found.map(label);
  const missing = evidence.members.filter((member) => !labels.includes(label(member)));
  return [
    ...missing.map((member) => `${label(member)} has no row`),
    ...labels.filter((name, at) => labels.indexOf(name) < at).map((name) => `${name} stands twice`),
    ...found.flatMap((row) => {
      const member = evidence.members.find((candidate) => label(candidate) === label(row));
      if (member === undefined) return [`${label(row)} is no documented member`];
      return rowProblems({ row, member, evidence }).map((problem) => `${label(row)} ${problem}`);
    }),
  ];
}

function rowProblems(given: {
  readonly row: Row;
  readonly member: Member;
  readonly evidence: Evidence;
}): readonly string[] {
  const { row, member, evidence } = given;
  const named = spelledAs(member, row.ours) ? [] : [`is not spelled as ${row.ours}`];
  if (row.state === "not yet") return [...named, ...(row.proof === "" ? [] : ["proves too early"])];
  if (row.state !== "proved") return [`has the unknown state ${row.state}`];
  const [, path = "", title = ""] = /^`([^`]+)` › (.+)$/.exec(row.proof) ?? [];
  const titles = evidence.titlesOf(path);
  const exported = member.kind === "route" || isExported(row, evidence.exportsOf(row.system));
  return [
    ...named,
    ...(titles === undefined ? [`names no test file: ${row.proof}`] : []),
    ...(titles?.includes(title) === false ? [`names no test of ${path}: ${title}`] : []),
    ...(exported ? [] : [`is claimed, but ${row.ours} is not exported`]),
  ];
}

/** A class may gain a prefix; everything else is the documented name in camelCase. */
function spelledAs(member: Member, ours: string): boolean {
  const last = (name: string): string => name.split(".").at(-1) ?? "";
  if (member.kind === "route") {
    return ours.replaceAll(/\{\w+\}/g, "*") === `GET ${member.name.replaceAll(/<\w+>/g, "*")}`;
  }
  if (member.kind === "class" || member.kind === "exception") return ours.endsWith(member.name);
  const words = last(member.name).toLowerCase().split("_");
  const tail = words.slice(1).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return last(ours) === [words[0], ...tail].join("");
}

/** `name`, or `Class.member` as a static, on the prototype, or on an exported object. */
function isExported(row: Row, exports: object | undefined): boolean {
  const [name = "", member] = row.ours.split(".");
  const value = exports === undefined ? undefined : propertyOf(exports, name);
  if (member === undefined || value === undefined) return value !== undefined;
  const holder = typeof value === "function" || isRecord(value) ? value : {};
  const prototype: unknown = propertyOf(holder, "prototype");
  return member in holder || (isRecord(prototype) && member in prototype);
}

function propertyOf(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
}

async function publicModules(): Promise<ReadonlyMap<string, object>> {
  const present = Object.entries(systems).flatMap(([system, [, file]]) => {
    const path = `${root}src/public/${file}.ts`;
    return existsSync(path) ? [{ system, path }] : [];
  });
  const loaded = present.map(async ({ system, path }): Promise<readonly [string, object]> => {
    const module: unknown = await import(/* @vite-ignore */ path);
    return [system, isRecord(module) ? module : {}];
  });
  return new Map(await Promise.all(loaded));
}

function titlesOf(path: string): readonly string[] | undefined {
  const isTestFile = path.endsWith(".test.ts") && existsSync(root + path);
  if (!isTestFile) return undefined;
  return parse(path, readFileSync(root + path, "utf8")).titles.map((title) => title.text);
}

test("every documented member has one row, and no row claims more than is there", async () => {
  const modules = await publicModules();
  const exportsOf = (system: string): object | undefined => modules.get(system);
  expect(problemsOf(rows, { members: memberData, titlesOf, exportsOf })).toEqual([]);
});

test("the list of documented members is whole", () => {
  const countOf = (system: string, kind: string): number =>
    memberData.filter((member) => member.system === system && member.kind === kind).length;
  // Counted by hand on the documentation pages of the five systems.
  const counted = [
    ["bi-etl", { class: 1, attribute: 11, method: 24 }],
    ["swh", { class: 1, attribute: 4, method: 29, exception: 3 }],
    ["em", { function: 20, route: 15 }],
    ["geohealthcheck", { attribute: 3, function: 11 }],
    ["heat", { class: 2, exception: 3, method: 10, function: 2 }],
  ] as const;
  for (const [system, kinds] of counted) {
    const ours = Object.keys(kinds).map((kind) => [kind, countOf(system, kind)]);
    expect({ system, ...Object.fromEntries(ours) }).toEqual({ system, ...kinds });
  }
  expect(memberData).toHaveLength(139);
});

test("the summary counts what the tables say", () => {
  for (const [system, [heading]] of Object.entries(systems)) {
    const own = rows.filter((row) => row.system === system);
    const proved = own.filter((row) => row.state === "proved").length;
    expect(page).toContain(`| ${heading} | ${own.length} | ${proved} |`);
  }
});

describe("a page that is not true", () => {
  class TaskRunner {
    static readonly limit = 1;
    get done(): boolean {
      return true;
    }
  }
  const member = (name: string, kind: string): Member => {
    return { system: "heat", name, kind, signature: name };
  };
  const members = [member("TaskRunner", "class"), member("TaskRunner.done", "method")];
  const evidence: Evidence = {
    members,
    titlesOf: (path) => (path === "test/a.test.ts" ? ["steps once"] : undefined),
    exportsOf: () => ({ TaskRunner, taskRunner: { done: 1 } }),
  };
  const proof = "`test/a.test.ts` › steps once";
  const whole: Row = {
    system: "heat",
    name: "TaskRunner",
    ours: "TaskRunner",
    state: "proved",
    proof,
  };
  const part: Row = { ...whole, name: "TaskRunner.done", ours: "TaskRunner.done" };

  test("passes when it is true", () => {
    expect(problemsOf([whole, part], evidence)).toEqual([]);
    expect(problemsOf([whole, { ...part, ours: "taskRunner.done" }], evidence)).toEqual([]);
    expect(problemsOf([whole, { ...part, state: "not yet", proof: "" }], evidence)).toEqual([]);
  });

  test.each<[string, readonly Row[]]>([
    ["heat TaskRunner.done has no row", [whole]],
    ["heat TaskRunner stands twice", [whole, whole, part]],
    [
      "heat TaskRunner.stop is no documented member",
      [whole, part, { ...part, name: "TaskRunner.stop" }],
    ],
    [
      "heat TaskRunner.done is not spelled as TaskRunner.over",
      [whole, { ...part, ours: "TaskRunner.over" }],
    ],
    ["heat TaskRunner proves too early", [{ ...whole, state: "not yet" }, part]],
    ["heat TaskRunner has the unknown state done", [{ ...whole, state: "done" }, part]],
    ["heat TaskRunner names no test file", [{ ...whole, proof: "" }, part]],
    [
      "heat TaskRunner names no test file",
      [{ ...whole, proof: "`test/b.test.ts` › steps once" }, part],
    ],
    ["heat TaskRunner names no test of", [{ ...whole, proof: "`test/a.test.ts` › steps" }, part]],
    [
      "heat TaskRunner.done is claimed, but Runner.done is not exported",
      [whole, { ...part, ours: "Runner.done" }],
    ],
  ])("is told so: %s", (problem, found) => {
    expect(problemsOf(found, evidence).join("\n")).toContain(problem);
  });

  test("is told so when the module or the member is not there", () => {
    const gone = { ...evidence, exportsOf: () => undefined };
    expect(problemsOf([whole, part], gone)).toHaveLength(2);
    const other = { ...evidence, exportsOf: () => ({ TaskRunner: URL }) };
    expect(problemsOf([whole, part], other)).toHaveLength(1);
  });

  test("is read row by row, with and without a proof", () => {
    const table = `| \`a_b\` | \`aB\` | not yet | |\n| \`c\` | \`c\` | proved | ${proof} |`;
    const text = `## heat.engine.scheduler\n\nWords.\n\n${table}\n`;
    expect(rowsOf(text)).toEqual([
      { system: "heat", name: "a_b", ours: "aB", state: "not yet", proof: "" },
      { system: "heat", name: "c", ours: "c", state: "proved", proof },
    ]);
  });
});
