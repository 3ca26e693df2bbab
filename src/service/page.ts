/** Pages of lists: opaque cursors, and how a page is cut from a list by descending id. */

import { InvalidInputError } from "../kernel/errors.ts";
import { ifPresent, readNumber, shownValue } from "../kernel/fields.ts";
import type { PageRequest } from "../model/store.ts";

/** Items of a page, unless the caller says otherwise. */
export const pageLimitDefault = 50;
/** Items of a page at most. */
export const pageLimitMax = 1_000;

/** A page, newest first. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** Hand it in for the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** What a caller says of the page that is wanted. */
export interface PageFields {
  readonly cursor?: unknown;
  readonly limit?: unknown;
}

/** The cursor of the page that goes on before `beforeId`: base64url of a versioned text. */
export function encodeCursor(beforeId: number): string {
  return btoa(`1:${beforeId}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The id that a cursor carries.
 * @throws InvalidInputError `ORR_INPUT_CURSOR`
 */
export function decodeCursor(cursor: unknown): number {
  const text = typeof cursor === "string" && /^[\w-]{1,40}$/.test(cursor) ? decoded(cursor) : "";
  const beforeId = Number(/^1:(\d{1,16})$/.exec(text)?.[1] ?? 0);
  // Re-encoding catches what decoders forgive, so that each page has exactly one cursor.
  if (beforeId >= 1 && Number.isSafeInteger(beforeId) && encodeCursor(beforeId) === cursor) {
    return beforeId;
  }
  throw new InvalidInputError(
    "ORR_INPUT_CURSOR",
    "cursor must be the nextCursor of an earlier page, unchanged",
    { details: { field: "cursor", value: shownValue(cursor) } },
  );
}

function decoded(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // Not base64 at all: the caller is told that it is no cursor.
    return "";
  }
}

/**
 * Reads cursor and limit.
 * @throws InvalidInputError `ORR_INPUT_CURSOR` `ORR_INPUT_INVALID`
 */
export function readPage(fields: PageFields): PageRequest {
  const limit = ifPresent(fields.limit, (value) =>
    readNumber(value, { field: "limit", min: 1, max: pageLimitMax, whole: true }),
  );
  return {
    beforeId: ifPresent(fields.cursor, decodeCursor),
    limit: limit ?? pageLimitDefault,
  };
}

/**
 * Reads a page and whether another one follows. A page that is not full is the last; after a full
 * one a second look, for one row, tells.
 */
export async function cutPage<Item extends { readonly id: number }>(
  page: PageRequest,
  list: (page: PageRequest) => Promise<readonly Item[]>,
): Promise<ListPage<Item>> {
  const items = await list(page);
  const last = items.at(-1);
  if (last === undefined || items.length < page.limit) return { items, nextCursor: null };
  const following = await list({ beforeId: last.id, limit: 1 });
  return { items, nextCursor: following.length === 0 ? null : encodeCursor(last.id) };
}
