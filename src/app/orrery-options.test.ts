import { expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { OrreryError } from "../kernel/errors.ts";
import { defineTask } from "../model/define-task.ts";
import { type OrreryOptions, resolveOptions } from "./orrery-options.ts";

function refusal(options: unknown): OrreryError {
  try {
    // oxlint-disable-next-line no-unsafe-type-assertion -- wrong on purpose
    resolveOptions(options as OrreryOptions);
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("no option is needed", () => {
  expect(resolveOptions({})).toMatchObject({
    database: { kind: "embedded", directory: "./.orrery" },
    schema: "orrery",
    poolSize: 8,
    tasks: [],
    taskDirectories: [],
    worker: { slotCount: 10, drainMs: 10_000, leaseMs: 7_000, pollMs: 1_000 },
    fire: true,
    clock: systemClock,
  });
});

test("a process without worker fires only if it is told to", () => {
  expect(resolveOptions({ worker: false })).toMatchObject({ worker: null, fire: false });
  expect(resolveOptions({ worker: false, fire: true })).toMatchObject({ worker: null, fire: true });
});

test("resolved options cannot be changed", () => {
  expect(Object.isFrozen(resolveOptions({}))).toBe(true);
});

const task = defineTask({ name: "a", run: () => undefined });

test.each([
  ["", 5, "an object"],
  ["databaseURL", { databaseURL: "postgres://h/d" }, 'did you mean "databaseUrl"?'],
  ["databaseUrl", { databaseUrl: "mysql://h/d" }, "postgres://"],
  ["databaseUrl", { databaseUrl: 5 }, "a text"],
  ["dataDirectory", { dataDirectory: "" }, "a text that is not empty"],
  ["dataDirectory", { databaseUrl: "postgres://h/d", dataDirectory: "x" }, "absent where"],
  ["schema", { schema: 'x"; drop table task; --' }, "a lowercase letter"],
  ["schema", { schema: "Upper" }, "a lowercase letter"],
  ["schema", { schema: "x".repeat(64) }, "a lowercase letter"],
  ["poolSize", { poolSize: 0 }, "a whole number from 1 to 1000"],
  ["tasks", { tasks: task }, "an array"],
  ["tasks[1]", { tasks: [task, { name: "b" }] }, "made by defineTask"],
  ["taskDirectories[0]", { taskDirectories: [5] }, "a text"],
  ["retention[0].name", { retention: [{ name: "Long", keepDays: 5 }] }, "a lowercase letter"],
  ["retention[0].keepDays", { retention: [{ name: "long", keepDays: 0 }] }, "from 1 to 36500"],
  ["retention[0].days", { retention: [{ name: "long", days: 5 }] }, "not a known field"],
  ["swh", { swh: true }, "an object"],
  ["swh.intervalRule", { swh: { intervalRule: "widen" } }, "one of shrink, adapt"],
  ["swh.rowCountMax", { swh: { rowCountMax: 0 } }, "from 1 to 10000000"],
  ["swh.keepRunsDays", { swh: { keepRunsDays: 0 } }, "from 1 to 36500"],
  ["swh.listen", { swh: { listen: "127.0.0.1:5008" } }, "not a known field"],
  ["worker", { worker: true }, "an object"],
  ["worker.slotCount", { worker: { slotCount: 0 } }, "from 1 to 1000"],
  ["worker.slotCount", { worker: { slotCount: 1.5 } }, "a whole number"],
  ["worker.slotcount", { worker: { slotcount: 5 } }, '"slotCount"?'],
  ["worker.drainMs", { worker: { drainMs: -1 } }, "from 0"],
  ["worker.leaseMs", { worker: { leaseMs: 10 } }, "from 1000"],
  ["worker.pollMs", { worker: { pollMs: 0 } }, "from 10"],
  ["worker.shares.high", { worker: { shares: { high: 2 } } }, "from 0 to 1"],
  ["worker.shares.top", { worker: { shares: { top: 1 } } }, "not a known field"],
  ["worker.shares", { worker: { shares: { high: 0, normal: 0, low: 0 } } }, "above 0"],
  ["fire", { fire: "yes" }, "a boolean"],
  ["fire", { fire: false }, "true where there is a worker"],
  ["environment", { environment: { PORT: 80 } }, "an object of texts"],
  ["onEvent", { onEvent: "log" }, "a function"],
  ["onLog", { onLog: {} }, "a function"],
  ["now", { now: 5 }, "a function"],
  ["clock", { clock: { now: 5 } }, "a clock"],
  ["seed", { seed: -1 }, "a whole number"],
])("the option %s of %j is refused", (field, options, message) => {
  const error = refusal(options);
  expect(error.code).toBe("ORR_CONFIG_INVALID");
  expect(error.details["field"]).toBe(field);
  expect(error.message).toContain(message);
});

test("a refused connection string is not repeated, for it may hold a password", () => {
  const error = refusal({ databaseUrl: "mysql://root:hunter2@h/d" });
  expect(JSON.stringify([error.message, error.details])).not.toContain("hunter2");
});
