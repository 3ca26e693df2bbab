/** Watching sessions of a test's database wait for each other. */

import { delay, systemClock } from "../../src/kernel/clock.ts";
import type { TestDatabase } from "./database.ts";

/** Returns once a session of the database waits for a lock. */
export async function somebodyWaits(database: TestDatabase): Promise<void> {
  for (let waiting = 0; waiting === 0;) {
    const rows = await database.query(
      `select from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    waiting = rows.length;
    await delay(systemClock, 5);
  }
}
