/** Stores the tasks that the configuration wants to be there and that are not. */

import type { LoadedConfig } from "../../app/config-file.ts";
import type { TaskDetailRecord } from "../../api/records.ts";
import type { CreateTaskRequest, Scheduler } from "../../api/scheduler.ts";
import { ConfigError, OrreryError } from "../../kernel/errors.ts";
import type { Journal } from "./journal.ts";
import { planSchedules } from "./schedules.ts";

/**
 * Stores them, all or none. What cannot be stored because its task type is not there is told and
 * left out.
 * @throws ConfigError `ORR_CONFIG_INVALID` naming the schedule by its key
 */
export async function ensureSchedules(request: {
  readonly orrery: Scheduler;
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
  const { now } = await orrery.getSystem();
  const tasks = await store(orrery, plan.wanted, loaded);
  // Instants of one width compare as text.
  const addedCount = tasks.filter(({ createdAt }) => createdAt >= now).length;
  journal.tell({
    level: "info",
    event: "schedules",
    message: `schedules: ${tasks.length} in place, ${addedCount} of them new`,
    fields: { count: tasks.length, added: addedCount },
  });
}

async function store(
  orrery: Scheduler,
  wanted: readonly CreateTaskRequest[],
  loaded: LoadedConfig,
): Promise<readonly TaskDetailRecord[]> {
  if (wanted.length === 0) return [];
  try {
    return await orrery.createTasks(wanted);
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
