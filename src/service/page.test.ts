import fc from "fast-check";
import { expect, test } from "vitest";
import { OrreryError } from "../kernel/errors.ts";
import type { PageRequest } from "../model/store.ts";
import { cutPage, decodeCursor, encodeCursor, type PageFields, readPage } from "./page.ts";

test("a cursor carries the id that it was made of, and can stand in an address", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const cursor = encodeCursor(id);
      expect(decodeCursor(cursor)).toBe(id);
      expect(encodeURIComponent(cursor)).toBe(cursor);
    }),
  );
});

test.each([
  "",
  "7",
  "MTo3=",
  "MTo3 ",
  btoa("1:0").replace(/=+$/, ""),
  btoa("1:-5").replace(/=+$/, ""),
  btoa("1:007").replace(/=+$/, ""),
  btoa("2:7").replace(/=+$/, ""),
  btoa("1:99999999999999999").replace(/=+$/, ""),
  "ÿ",
  "A".repeat(1_000),
  7,
  null,
])("%j is no cursor", (cursor) => {
  const read = (): number => decodeCursor(cursor);
  expect(read).toThrow(expect.objectContaining({ code: "ORR_INPUT_CURSOR" }));
  expect(read).toThrow(OrreryError);
});

test("a cursor changed anywhere is no cursor, or one for a page of its own", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.nat(), fc.base64String(), (id, at, by) => {
      const cursor = encodeCursor(id);
      const place = at % cursor.length;
      const changed = cursor.slice(0, place) + by.slice(0, 1) + cursor.slice(place + 1);
      let decoded: number;
      try {
        decoded = decodeCursor(changed);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(OrreryError);
        return;
      }
      expect(encodeCursor(decoded)).toBe(changed);
    }),
  );
});

test.each([0, 1_001, 1.5, "10", null, Number.NaN])("%j is no page size", (limit) => {
  expect(() => readPage({ limit })).toThrow("limit must be a whole number from 1 to 1000");
});

test("a page has fifty items unless something else is said", () => {
  expect(readPage({})).toEqual({ beforeId: undefined, limit: 50 });
  expect(readPage({ limit: 1_000 }).limit).toBe(1_000);
});

test("pages together are the list, each item once, and only the last has no cursor", async () => {
  const list = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(list, fc.integer({ min: 1, max: 20 }), async (ids, limit) => {
      const rows = ids.toSorted((left, right) => right - left).map((id) => ({ id }));
      const seen: number[] = [];
      const listRows = async (page: PageRequest): Promise<readonly { readonly id: number }[]> =>
        rows
          .filter(({ id }) => page.beforeId === undefined || id < page.beforeId)
          .slice(0, page.limit);
      let fields: PageFields = { limit };
      for (;;) {
        const page = await cutPage(readPage(fields), listRows);
        expect(page.items.length).toBe(Math.min(limit, rows.length - seen.length));
        seen.push(...page.items.map((row) => row.id));
        expect(page.nextCursor === null).toBe(seen.length === rows.length);
        if (page.nextCursor === null) break;
        fields = { limit, cursor: page.nextCursor };
      }
      expect(seen).toEqual(rows.map((row) => row.id));
    }),
  );
});
