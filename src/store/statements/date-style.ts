/** The style in which a session writes instants, on connections that are the caller's. */

import { type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";

/** The present style, as in `ISO, MDY`. */
export const readDateStyle: Statement<string> = statement(
  "read_date_style",
  "select current_setting('DateStyle') as style",
  (row: Row): string => textOf(row, "style"),
);

/** Sets the style $1 until the transaction ends. */
export const setDateStyle: Statement<undefined> = command(
  "set_date_style",
  "select set_config('DateStyle', $1::text, true)",
);
