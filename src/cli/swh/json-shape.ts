/** What a value of the scheduler's JSON is; `Array.isArray` does not know read-only arrays. */

import { Float, type SwhJson, type SwhJsonObject } from "../../compat/swh/values.ts";

/** Whether it is a list. */
export function isJsonList(value: SwhJson | undefined): value is readonly SwhJson[] {
  return Array.isArray(value);
}

/** Whether it is an object, and neither a list nor a fraction in its wrapping. */
export function isJsonObject(value: SwhJson | undefined): value is SwhJsonObject {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !isJsonList(value) && !(value instanceof Float);
}
