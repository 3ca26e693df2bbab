/** Undoing a part of a transaction. */

import { command, type Statement } from "../statement.ts";

/** Marks a place to come back to; places nest. */
export const begin: Statement<undefined> = command("begin_savepoint", "savepoint orrery_attempt");

/** Forgets the last place. */
export const release: Statement<undefined> = command(
  "release_savepoint",
  "release savepoint orrery_attempt",
);

/** Goes back to the last place. */
export const undo: Statement<undefined> = command(
  "undo_savepoint",
  "rollback to savepoint orrery_attempt",
);
