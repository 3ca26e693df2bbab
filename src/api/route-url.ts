/** The address of a request, from the table of routes; browser-safe like the table. */

import { invalidField } from "../kernel/fields.ts";
import { type AnyRequest, apiPrefix, type Route } from "./routes.ts";

/**
 * Path and query of a request, below the server's address; absent members are left out.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a parameter that no path can hold
 */
export function urlOf(route: Route, request: AnyRequest): string {
  const params = new Map(Object.entries(request.params ?? {}));
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    segmentOf(String(params.get(name)), { field: name }),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    // A list without items is told as such: left out, it would not filter.
    const values: readonly unknown[] = !Array.isArray(value)
      ? [value]
      : value.length > 0
        ? value
        : [""];
    for (const each of values) {
      if (isWord(each)) query.append(name, String(each));
    }
  }
  const text = query.toString();
  return `${apiPrefix}${path}${text === "" ? "" : `?${text}`}`;
}

/** What a query can hold; anything else does not come from our own types. */
function isWord(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A parameter as a segment of a path; what addresses take for a step up or nothing is refused. */
function segmentOf(value: string, { field }: { readonly field: string }): string {
  if (/^\.{0,2}$/.test(value)) {
    throw invalidField(field, { expected: "something that can stand in a path", value });
  }
  return encodeURIComponent(value);
}
