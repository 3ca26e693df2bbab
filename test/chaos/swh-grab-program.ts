/** A process that grabs ready tasks until there are none, and tells the ids of each batch. */

import { createTaskScheduler } from "../../src/compat/swh/tasks.ts";
import { RowLimits } from "../../src/compat/swh/row-limits.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openStore } from "../../src/store/open.ts";
import { numberIn, onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

/** Rows that others hold look like none at all, so one empty answer proves nothing. */
const emptyCountMax = 5;

const settings = readSettings();
const store = await openStore({
  connectionString: textIn(settings, "connectionString"),
  clock: systemClock,
  poolSize: 2,
});
const limits = new RowLimits(100_000);
const scheduler = createTaskScheduler(store.swhTasks, { intervalRule: "shrink", limits });

async function grabAll(): Promise<void> {
  const numTasks = numberIn(settings, "batch");
  for (let emptyCount = 0; emptyCount < emptyCountMax;) {
    const tasks = await scheduler.grabReadyTasks("git", { numTasks });
    if (tasks.length === 0) emptyCount += 1;
    else tell({ kind: "grabbed", ids: tasks.map(({ id }) => id) });
  }
  await store[Symbol.asyncDispose]();
  tell({ kind: "done" });
}

onOrder(() => void grabAll());

tell({ kind: "ready" });
