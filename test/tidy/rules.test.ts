/**
 * Each tidy rule on a text that breaks it once and on a text that keeps it: a rule that cannot fail
 * holds nothing. Words that no file may hold are put together here, as in the rules.
 */

import { describe, expect, test } from "vitest";
import { ambientViolations } from "./ambient-rules.ts";
import * as code from "./code-rules.ts";
import { judge } from "./exceptions.ts";
import { cycleViolations, importViolations } from "./import-rules.ts";
import * as size from "./size-rules.ts";
import { sourceFile, type SourceFile, type Violation } from "./source-file.ts";
import * as titles from "./test-rules.ts";
import * as words from "./text-rules.ts";

type Rule = (file: SourceFile) => readonly Violation[];

interface Case {
  readonly rule: Rule;
  readonly path: string;
  readonly broken: string;
  readonly kept: string;
}

const manifest = { name: "orrery", packages: new Set(["pg", "typebox"]) };
const imports: Rule = (file) => importViolations(file, manifest);
const links: Rule = (file) => words.linkViolations(file, (path) => path === "docs/there.md");

/** A word that no file may hold, written with a dot in it. */
const joined = (text: string): string => text.replaceAll("·", "");

const model = "src/model/run.ts";
const engine = "src/engine/claim.ts";
const page = "docs/guide.md";
const tested = "src/engine/claim.test.ts";

function cases(rule: Rule, rows: readonly (readonly [string, string, string])[]): readonly Case[] {
  return rows.map(([path, broken, kept]) => ({ rule, path, broken, kept }));
}

const importCases = cases(imports, [
  [model, `import "../store/row.ts";`, `import "../kernel/ids.ts";`],
  [model, `import type { A } from "../api/a.ts";`, `import type { A } from "./task.ts";`],
  [model, `await import("../http/a.ts");`, `await import("./a.ts");`],
  [model, `type A = import("../app/a.ts").A;`, `type A = import("../time/a.ts").A;`],
  [model, `export * from "../client/a.ts";`, `export * from "../policy/a.ts";`],
  [model, `import "node:fs";`, `import "./fs.ts";`],
  ["src/client/a.ts", `import "node:http";`, `import "../api/a.ts";`],
  ["src/kernel/a.ts", `import "pg";`, `import "./b.ts";`],
  [engine, `import "vitest";`, `import "pg";`],
  [engine, `import "orrery/time";`, `import "../time/a.ts";`],
  [engine, `import "../model/a";`, `import "../model/a.ts";`],
  [engine, `import "./a.test.ts";`, `import "./a.ts";`],
  [engine, `import "../../test/a.ts";`, `import "../kernel/a.ts";`],
  [engine, `import "../store/a.ts";`, `import "../model/store.ts";`],
  ["src/api/a.ts", `import { a } from "../model/a.ts";`, `import type { A } from "../model/a.ts";`],
  ["src/compat/em/a.ts", `import "../swh/a.ts";`, `import "../../service/a.ts";`],
  [
    "src/compat/em/sql/a.ts",
    `import "../../../store/row.ts";`,
    `import "../../../store/session.ts";`,
  ],
  ["src/cli/a.ts", `import "../public/index.ts";`, `import "../app/a.ts";`],
  ["src/app/a.ts", `import "../testing/a.ts";`, `import "../http/a.ts";`],
  ["examples/a.ts", `import "../src/time/a.ts";`, `import "orrery/time";`],
]);

const codeCases = [
  ...cases(code.constructViolations, [
    [engine, "const a: any = 1;", "const a: unknown = 1; // any"],
    [engine, "const a = b!;", "const a = !b;"],
    [engine, "const a = b as unknown as string;", "const a = b as const;"],
    [engine, "enum A { b }", "type A = 'b';"],
    [engine, "export default 1;", "export const a = 1;"],
    [engine, "class A { constructor(readonly b: string) {} }", "class A { readonly b = ''; }"],
  ]),
  ...cases(code.suppressionViolations, [
    [engine, joined("// @ts-·expect-error"), "// expects an error"],
    [tested, joined("// @ts-·ignore"), joined("// @ts-·expect-error")],
  ]),
  ...cases(code.bareErrorViolations, [
    [engine, "throw new Error('a');", "throw new StateError('ORR_STATE_CLOSED', 'a');"],
    [engine, "reject(TypeError('a'));", "if (a instanceof Error) throw a;"],
  ]),
  ...cases(code.errorClassViolations, [
    [engine, "new StateError('ORR_INPUT_JSON', 'a');", "new StateError('ORR_STATE_CLOSED', 'a');"],
  ]),
  ...cases(code.undocumentedViolations, [
    [engine, "/* a */\nexport const a = 1;", "/** One. */\nexport const a = 1;"],
    [engine, "/** A. */\n\nconst b = 1;\nexport type A = 1;", "export * from './a.ts';"],
  ]),
  ...cases(code.purposeViolations, [
    [engine, "/** One. */\nexport const a = 1;", "/** Holds one. */\n\nexport const a = 1;"],
    [engine, "import './a.ts';", "/** Loads a. */\nimport './a.ts';"],
  ]),
  ...cases(code.sqlViolations, [
    [engine, "const a = `\n select b from c`;", "const a = 'select one of them';"],
    [engine, "const a = 'insert into b values (1)';", "const a = 'update the row';"],
  ]),
  ...cases(code.environmentViolations, [[engine, "read(process.env);", "read(process.argv);"]]),
];

const ambientCases = cases(ambientViolations, [
  [engine, "Date.now();", "row.Date;"],
  [engine, "const a = new Date();", "const a: Date = b;"],
  [engine, "setTimeout(a, 1);", "clock.schedule(1, a);"],
  [engine, "globalThis.setInterval(a, 1);", "const a = { setInterval: 1 };"],
  [engine, "performance.now();", "const performance = a(); performance.now();"],
  [engine, "AbortSignal.timeout(1);", "AbortSignal.any([a]);"],
  [engine, "Math.random();", "Math.max(1, 2);"],
  [engine, "crypto.randomUUID();", "crypto.subtle.digest(a, b);"],
  [
    engine,
    "import { setTimeout } from 'node:timers/promises';",
    "import { join } from 'node:path';",
  ],
  [
    engine,
    "import { randomBytes } from 'node:crypto';",
    "import { createHash } from 'node:crypto';",
  ],
  [engine, "import * as a from 'node:crypto';", "import type * as a from 'node:crypto';"],
  ["src/kernel/assert.ts", "Date.now();", "new Temporal.Instant(1n);"],
  [engine, "process.hrtime.bigint();", "a.constructor === toString;"],
]);

const long = (lines: number): string => "\n".repeat(lines - 1);

const sizeCases = [
  ...cases(size.fileLineViolations, [
    [engine, `${long(501)}1`, `${long(500)}1\n`],
    ["src/store/a.sql", `${long(501)}1`, `-- Generated by a tool\n${long(600)}1`],
  ]),
  ...cases(size.columnViolations, [[engine, "/".repeat(101), "/".repeat(100)]]),
  ...cases(size.functionLineViolations, [
    [engine, `function a() {${long(71)}}`, `function a() {${long(70)}}`],
    [engine, `const a = () => {${long(71)}};`, `const a = {${long(71)}};`],
    [tested, `test("a", () => {${long(71)}});`, `describe("a", () => {${long(71)}});`],
    [engine, `class A { b() {${long(71)}} }`, `class A { ${long(71)} }`],
  ]),
  ...cases(size.parameterViolations, [
    [engine, "function f(a, b, c, d) {}", "function f(a, b, c) {}"],
    [engine, "const f = (a, b, c, ...d) => 1;", "const f = ({ a, b, c, d }) => 1;"],
  ]),
  ...cases(size.sameTypeViolations, [
    [engine, "function f(id: string, name: string) {}", "function f(id: Id, name: string) {}"],
    [engine, "const f = (x: T, y: T = z): T => x;", "const f = (a: T, b: T): T => a;"],
    [engine, "function f(high: A, low: A) {}", "function f(r: R, low: A, high: A) {}"],
  ]),
];

const wordCases = [
  ...cases(words.foreignTextViolations, [
    [page, joined("see /wo·rk/main"), "see the working folder"],
    [page, joined("see ../sha·red/design"), "see shared design"],
    [page, joined("https://registry.np·mjs.org"), "the registry"],
    [page, joined("/ho·me/somebody/x"), "at home"],
  ]),
  ...cases(words.unfinishedViolations, [
    [engine, joined("// TO·DO: mend"), joined("const a = 'TO·DO';")],
    ["src/store/a.sql", joined("select 1; -- FIX·ME"), "select 1; -- mended"],
  ]),
  ...cases(links, [[page, "[a](missing.md)", "[a](there.md#part) [b](https://a.example/b)"]]),
];

const titleCases = [
  ...cases(titles.repeatedTitleViolations, [
    [tested, "test('a', f); test('a', g);", "test('a', f); test('b', g); it('c', f);"],
    [tested, "test.each(a)('a', f); it('a', g);", "describe('a', f); test('a', g);"],
  ]),
  ...cases(titles.numberedTitleViolations, [
    [tested, "test('mends issue 12', f);", "test('renews 12 leases', f);"],
  ]),
  ...cases(titles.switchedOffViolations, [
    [tested, "test.only('a', f);", "test.skipIf(a)('a', f);"],
    [tested, "describe.skip('a', f);", "a.skip();"],
  ]),
];

describe("a rule finds what breaks it and passes what keeps it", () => {
  const all = [
    ...importCases,
    ...codeCases,
    ...ambientCases,
    ...sizeCases,
    ...wordCases,
    ...titleCases,
  ];
  test.each(all.map((row) => [`${row.path}: ${row.broken.trim().slice(0, 60)}`, row] as const))(
    "%s",
    (_, { rule, path, broken, kept }) => {
      expect(rule(sourceFile(path, broken))).toHaveLength(1);
      expect(rule(sourceFile(path, kept))).toEqual([]);
    },
  );
});

test("the kernel's own files may touch the machine's clock", () => {
  expect(ambientViolations(sourceFile("src/kernel/clock.ts", "Date.now();"))).toEqual([]);
});

test.each(["src/stuff/a.ts", "src/a.ts"])("%s lies in no room", (path) => {
  expect(imports(sourceFile(path, ""))).toHaveLength(1);
});

test.each([
  ["src/model/utils.ts", 1],
  ["src/common/a.ts", 1],
  ["src/model/index.ts", 1],
  ["src/model/runRow.ts", 1],
  ["src/model/run-row.pg.test.ts", 0],
  ["test/types/create.test-d.ts", 0],
  ["src/model/types/create.ts", 1],
])("%s has %i bad names", (path, count) => {
  expect(words.nameViolations(sourceFile(path, ""))).toHaveLength(count);
});

test("a circle of three files is found once, types included", () => {
  const files = [
    sourceFile("src/time/a.ts", "import type { B } from './b.ts';"),
    sourceFile("src/time/b.ts", "import { c } from './c.ts';"),
    sourceFile("src/time/c.ts", "export { a } from './a.ts';"),
    sourceFile("src/time/d.ts", "import './a.ts';"),
  ];
  expect(cycleViolations(files).map((item) => item.message)).toEqual([
    "circle: src/time/a.ts > src/time/b.ts > src/time/c.ts > src/time/a.ts",
  ]);
  expect(cycleViolations(files.slice(1))).toEqual([]);
});

test("a dependency needs a decision record that names it", () => {
  const record = sourceFile("docs/adr/0003-dependencies.md", "| `pg` | the driver |");
  const found = words.decisionViolations([record], new Set(["pg", "pino"]));
  expect(found.map((item) => item.message)).toEqual(["pino has no row in docs/adr"]);
});

describe("an exception", () => {
  const found = { rule: "columns", path: engine, line: 3, message: "101 columns", size: 2 };
  const row = { rule: "columns", path: engine, reason: "a table" };

  test("lets pass what it names at its present size", () => {
    expect(judge([found], [{ ...row, size: 2 }])).toEqual([]);
  });

  test("is not there: every violation is a line", () => {
    expect(judge([found], [])).toEqual([`${engine}:3 columns: 101 columns`]);
  });

  test("may not grow", () => {
    expect(judge([found, found], [{ ...row, size: 2 }])[0]).toContain("grew from 2 to 4");
  });

  test("follows when the code got better", () => {
    expect(judge([found], [{ ...row, size: 3 }])[0]).toContain("shrank");
  });

  test("goes when nothing is left", () => {
    expect(judge([], [{ ...row, size: 1 }])[0]).toContain("delete its row");
  });
});
