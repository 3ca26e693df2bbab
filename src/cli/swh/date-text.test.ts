import { expect, test } from "vitest";
import { formatInstant, parseInstant } from "../../kernel/instant.ts";
import { parseDate } from "./date-text.ts";

const now = parseInstant("2026-11-21T07:19:56.747091Z");
const context = { field: "--next-run", now };

test.each([
  ["2026-01-02", "2026-01-02T00:00:00.000000Z"],
  ["2026-01-02T03:04:05", "2026-01-02T03:04:05.000000Z"],
  ["2026-01-02 03:04:05", "2026-01-02T03:04:05.000000Z"],
  ["2026-01-02T03:04:05.000006+02:00", "2026-01-02T01:04:05.000006Z"],
  ["20260102T030405Z", "2026-01-02T03:04:05.000000Z"],
  ["Tue, 3 May 2016 17:16:32 +0200", "2016-05-03T15:16:32.000000Z"],
  ["03 May 2016 17:16 GMT", "2016-05-03T17:16:00.000000Z"],
  ["May 3rd, 2016", "2016-05-03T00:00:00.000000Z"],
  ["Sept. 3 2016 1:02:03", "2016-09-03T01:02:03.000000Z"],
  ["now", "2026-11-21T07:19:56.747091Z"],
  ["Tomorrow", "2026-11-22T07:19:56.747091Z"],
  ["yesterday", "2026-11-20T07:19:56.747091Z"],
  ["in 2 hours", "2026-11-21T09:19:56.747091Z"],
  ["a week ago", "2026-11-14T07:19:56.747091Z"],
  [" 90 minutes ago ", "2026-11-21T05:49:56.747091Z"],
])("%j is a date", (text, instant) => {
  expect(formatInstant(parseDate(text, context))).toBe(instant);
});

test.each([
  "",
  "soon",
  "2026-02-30",
  "2026-01-02T25:00:00",
  "30 February 2026",
  "3 Mayday 2016",
  "01/02/2026",
  "2 days",
  "in 999999999 weeks",
])("%j is refused with the field", (text) => {
  expect(() => parseDate(text, context)).toThrow(/^--next-run must be a date such as/);
});
