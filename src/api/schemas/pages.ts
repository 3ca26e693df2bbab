/** Schemas of pages, and of the queries that ask for one. */

import { type TInteger, type TOptional, type TString, Type } from "typebox";
import type { Page } from "../records.ts";
import { cursorLengthMax, list, nullable, pageItemsMax, text } from "./parts.ts";
import type { SchemaOf } from "./schema-of.ts";

/** A page of records, newest first unless its route says otherwise. */
export function pageOf<Item>(item: SchemaOf<Item>, title: string): SchemaOf<Page<Item>> {
  const properties = {
    items: list(item, "At most as many as were asked for."),
    nextCursor: nullable(text("Hand it in as `cursor` for the next page; null on the last one.")),
  };
  const description = "A page of a list.";
  return Type.Unsafe<Page<Item>>(
    Type.Object(properties, { title, description, additionalProperties: false }),
  );
}

/** The size of a page. */
export function pageLimit(byDefault: number): TOptional<TInteger> {
  const description = `Items of a page; ${byDefault} by default.`;
  return Type.Optional(Type.Integer({ description, minimum: 1, maximum: pageItemsMax }));
}

/** The place where a page starts. */
export const pageCursor: TOptional<TString> = Type.Optional(
  Type.String({
    description: "`nextCursor` of the page before.",
    minLength: 1,
    maxLength: cursorLengthMax,
  }),
);
