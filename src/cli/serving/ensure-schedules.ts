/** Brings the tasks that the configuration wants to be there to what it says. */

import type { LoadedConfig } from "../../app/config-file.ts";
import type { AppliedScheduleRecord } from "../../app/local-scheduler.ts";
import type { Orrery } from "../../app/orrery.ts";
import type { CreateTaskRequest } from "../../api/scheduler.ts";
import { ConfigError, OrreryError } from "../../kernel/errors.ts";
import type { Journal } from "./journal.ts";
import { planSchedules } from "./schedules.ts";

/**
 * Stores those that are not there, all or none, and brings the triggers of the others to what the
 * configuration says; what else differs is told. What cannot be stored because its task type is
 * not there is told and left out.
 * @throws ConfigError `ORR_CONFIG_INVALID` naming the schedule by its key
 */
export async function ensureSchedules(request: {
  readonly orrery: Pick<Orrery, "listTaskTypes" | "applySchedules">;
  readonly loaded: LoadedConfig;
  readonly journal: Journal;
}): Promise<void> {
  const { orrery, loaded, journal } = request;
  const schedules = loaded.config.schedules ?? [];
  if (schedules.length === 0) return;
  const types = await orrery.listTaskTypes();
  const plan = planSchedules(schedules, new Set(types.map(({ name }) => name)));
  for (const { key, reason } of plan.left) {
    journal.tell({
      level: "error",
      event: "schedule_left",
      message: `schedule ${key} is left out: ${reason}`,
      fields: { key, reason },
    });
  }
  const applied = await apply(orrery, plan.wanted, loaded);
  for (const each of applied) tellOf(each, journal);
  const addedCount = applied.filter(({ isNew }) => isNew).length;
  journal.tell({
    level: "info",
    event: "schedules",
    message: `schedules: ${applied.length} in place, ${addedCount} of them new`,
    fields: { count: applied.length, added: addedCount },
  });
}

async function apply(
  orrery: Pick<Orrery, "applySchedules">,
  wanted: readonly CreateTaskRequest[],
  loaded: LoadedConfig,
): Promise<readonly AppliedScheduleRecord[]> {
  try {
    return await orrery.applySchedules(wanted);
  } catch (error) {
    const named = error instanceof OrreryError ? scheduleNamedBy(error, wanted) : undefined;
    if (named === undefined) throw error;
    throw new ConfigError(
      "ORR_CONFIG_INVALID",
      `${loaded.path ?? "the configuration"}: schedule ${named.key ?? ""}: ${named.message}`,
      { details: { ...named.details, key: named.key ?? null }, cause: error },
    );
  }
}

/** Tells what was changed, and what was not although the configuration says otherwise. */
function tellOf(applied: AppliedScheduleRecord, journal: Journal): void {
  const { task, changedCount, addedCount, removedCount, left } = applied;
  const about = { key: task.key, taskId: task.id };
  const name = `schedule ${task.key ?? ""} (task ${task.id})`;
  if (changedCount + addedCount + removedCount > 0) {
    journal.tell({
      level: "info",
      event: "schedule_changed",
      message:
        `${name} follows the configuration: ` +
        `${changedCount} trigger(s) changed, ${addedCount} added, ${removedCount} removed`,
      fields: { ...about, changed: changedCount, added: addedCount, removed: removedCount },
    });
  }
  if (left.length === 0) return;
  const state = left.includes("triggers") ? ` (it is ${task.state})` : "";
  journal.tell({
    level: "warn",
    event: "schedule_differs",
    message:
      `${name} differs from the configuration in ${left.join(", ")}, and stays as it is${state}: ` +
      "another key makes a new task",
    fields: { ...about, fields: [...left], state: task.state },
  });
}

/** The schedule at fault, by the index in the field that the error names. */
function scheduleNamedBy(
  error: OrreryError,
  wanted: readonly CreateTaskRequest[],
): ({ readonly key: string | undefined } & Pick<OrreryError, "message" | "details">) | undefined {
  const field = error.details["field"];
  const index = typeof field === "string" ? /^tasks\[(\d+)\]/.exec(field)?.[1] : undefined;
  const schedule = index === undefined ? undefined : wanted[Number(index)];
  if (schedule === undefined) return undefined;
  const message = error.message.replace(/^tasks\[\d+\]\.?/, "");
  return { key: schedule.key, message, details: error.details };
}
