/** Origins by what names them. */

import type { OriginKey } from "./frontier.ts";

/** The text by which two of the same origin are told to be the same. */
export function originKeyText({ url, visitType }: OriginKey): string {
  return JSON.stringify([url, visitType]);
}

/** Each origin once, at the place of its first. */
export function distinctOrigins<Origin extends OriginKey>(
  origins: readonly Origin[],
): readonly Origin[] {
  const byKey = new Map<string, Origin>();
  for (const each of origins) {
    const key = originKeyText(each);
    if (!byKey.has(key)) byKey.set(key, each);
  }
  return [...byKey.values()];
}
