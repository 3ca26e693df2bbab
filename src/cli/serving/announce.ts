/** What is worth knowing when a process has started, one line each. */

import type { Orrery } from "../../app/orrery.ts";
import { timeText } from "../presentation.ts";
import type { Journal } from "./journal.ts";

/** Tells of task types, broken modules and what comes next. */
export async function tellOfStart(started: {
  readonly orrery: Orrery;
  readonly journal: Journal;
  readonly work: boolean;
}): Promise<void> {
  const { orrery, journal, work } = started;
  const names = orrery.catalogue.list().map(({ settings }) => settings.name);
  journal.tell({
    level: "info",
    event: "task_types",
    message: `task types: ${names.length === 0 ? "none" : `${names.length} (${names.join(", ")})`}`,
    fields: { names },
  });
  for (const { file, error } of orrery.catalogue.broken) {
    journal.tell({
      level: "error",
      event: "module_broken",
      message: `broken module: ${error.message}`,
      fields: { file, error: error.message },
    });
  }
  const system = await orrery.getSystem();
  if (system.pausedAt !== null) {
    journal.tell({
      level: "warn",
      event: "paused",
      message: `everything is paused since ${timeText(system.pausedAt)}: see \`orrery resume\``,
      fields: { pausedAt: system.pausedAt },
    });
  }
  const waiting = system.counts.reduce((sum, { count }) => sum + count, 0);
  const next = system.nextFireAt === null ? "none" : timeText(system.nextFireAt);
  journal.tell({
    level: "info",
    event: "ready",
    style: "good",
    message:
      `ready: next fire ${next}, ${waiting} run(s) in the queue` +
      (work ? "" : "; no worker in this process"),
    fields: { nextFireAt: system.nextFireAt, queued: waiting, worker: work },
  });
}
