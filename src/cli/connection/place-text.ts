/** A database in words, without what must not be shown. */

import type { DatabasePlace } from "../serving/settings.ts";

/** Where the database is. */
export function placeText(place: DatabasePlace): string {
  if (place.kind === "embedded") return `embedded PostgreSQL in ${place.dataDirectory}`;
  return `PostgreSQL at ${withoutPassword(place.databaseUrl)}`;
}

/** A connection string as it may be shown. */
export function withoutPassword(databaseUrl: string): string {
  return databaseUrl
    .replace(/^([a-z]+:\/\/[^/@]*?):[^/]*@/i, "$1:***@")
    .replace(/([?&]password=)[^&]*/i, "$1***");
}
