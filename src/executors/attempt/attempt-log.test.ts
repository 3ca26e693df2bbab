import { expect, test } from "vitest";

import type { JsonObject } from "../../kernel/json.ts";
import { matching } from "../../../test/support/matching.ts";
import { type AttemptLog, logBytesMax, logLineCountMax, openAttemptLog } from "./attempt-log.ts";

function openRecorded() {
  const lines: { level: string; message: string; data?: JsonObject | undefined }[] = [];
  const progress: [number | null, string | undefined][] = [];
  const log = openAttemptLog({
    log: (level, message, data) => lines.push({ level, message, data }),
    progress: (fraction, message) => progress.push([fraction, message]),
  });
  return { log, lines, progress };
}

test("lines and their data are passed on as copies", () => {
  const { log, lines } = openRecorded();
  const data = { rows: [1] };
  log.line("info", "read", data);
  data.rows.push(2);
  expect(lines).toEqual([{ level: "info", message: "read", data: { rows: [1] } }]);
});

test("after ten thousand lines the rest is counted and told in one line at the end", () => {
  const { log, lines } = openRecorded();
  for (let count = 0; count < logLineCountMax + 5; count += 1) log.line("info", "four");
  expect(lines).toHaveLength(logLineCountMax);
  expect(log.isFull).toBe(true);
  log.close();
  expect(lines.at(-1)?.message).toMatch(/^5 more lines \(20 bytes\) were dropped/);
});

test("what is kept is the beginning: after a line that did not fit no shorter one is taken", () => {
  const { log, lines } = openRecorded();
  const kilobytes8 = "x".repeat(8_192);
  for (let size = 0; size + 8_192 <= logBytesMax; size += 8_192) log.line("info", kilobytes8);
  const kept = lines.length;
  log.line("info", kilobytes8);
  log.line("info", "short");
  log.close();
  expect(lines).toHaveLength(kept + 1);
  expect(lines.at(-1)?.message).toMatch(/^2 more lines \(8197 bytes\)/);
});

test("a notice of the executor's own is written even when there is no more room", () => {
  const { log, lines } = openRecorded();
  for (let count = 0; count <= logLineCountMax; count += 1) log.line("info", "");
  log.notice("error", "given up");
  expect(lines.at(-1)).toMatchObject({ level: "error", message: "given up" });
});

test("after the end lines and progress are ignored", () => {
  const { log, lines, progress } = openRecorded();
  log.close();
  log.line("info", "late");
  log.notice("info", "late");
  log.progress(1);
  log.close();
  expect(lines).toEqual([]);
  expect(progress).toEqual([]);
});

test.each([
  [0.4, 0.4],
  [-1, 0],
  [7, 1],
  [Number.NaN, null],
  [null, null],
])("progress of %s is passed on as %s", (given, passed) => {
  const { log, progress } = openRecorded();
  log.progress(given, "m".repeat(600));
  log.progress(given);
  expect(progress[0]?.[0]).toBe(passed);
  expect(progress[0]?.[1]).toMatch(/^m{500} … \[100 letters cut\]$/);
  expect(progress[1]).toEqual([passed, undefined]);
});

test("data that cannot be kept is replaced by the reason", () => {
  const { log, lines } = openRecorded();
  // JavaScript handlers hand over anything.
  const write = (...args: readonly unknown[]): void => {
    Reflect.apply(
      (...[level, message, data]: Parameters<AttemptLog["line"]>) => {
        log.line(level, message, data);
      },
      undefined,
      args,
    );
  };
  const wrong: unknown = JSON.parse("{}", () => ({ at: undefined }));
  log.line("info", "good", {});
  write("info", "bigint", { id: 1n });
  write("info", "text", "only text");
  write("info", { an: "object" }, wrong);
  expect(lines.map(({ data }) => data)).toEqual([
    {},
    { dataLeftOut: matching("data.id is a bigint") },
    { value: "only text" },
    {},
  ]);
  expect(lines.at(-1)?.message).toBe("[object Object]");
});
