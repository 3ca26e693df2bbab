/** What the server writes its log lines to; a pino logger fits. */

import type { JsonObject } from "../kernel/json.ts";

/** Facts of a log line; `err` is an error in whatever form it was thrown. */
export type LogFields = JsonObject | { readonly err: unknown };

/** A log with levels. */
export interface HttpLog {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
