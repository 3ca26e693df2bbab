import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runTable, statesBefore, taskTable, transition, workerTable } from "./state-machine.ts";

const tables = { Run: runTable, Task: taskTable, Worker: workerTable };

test("the documented tables are the tables of the code", async () => {
  const page = await readFile(new URL("../../docs/state-machines.md", import.meta.url), "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const section = page.split(`## ${name}\n`)[1]?.split("\n## ")[0] ?? "";
    const documented = [...section.matchAll(/^\| (\w+) \| (\w+) \| (\w+) \|$/gm)]
      .map((match) => match.slice(1, 4).join(" "))
      .filter((row) => row !== "State Event Next");
    const coded = Object.entries(table).flatMap(([state, events]) =>
      Object.entries(events).map(([event, next]) => [state, event, next].join(" ")),
    );
    expect(documented, name).toEqual(coded);
  }
});

test("ended runs take no event", () => {
  for (const state of ["succeeded", "failed", "cancelled"] as const) {
    expect(runTable[state]).toEqual({});
  }
});

test("an event that the table lacks leads nowhere", () => {
  expect(transition(runTable, "blocked", "claim")).toBeUndefined();
  expect(transition(taskTable, "completed", "pause")).toBeUndefined();
  expect(transition(taskTable, "disabled", "retry")).toBe("active");
});

test("the states that take an event are found in the table's order", () => {
  expect(statesBefore(runTable, "pause")).toEqual(["blocked", "queued"]);
  expect(statesBefore(workerTable, "heartbeat")).toEqual(["live", "draining", "lost"]);
});
