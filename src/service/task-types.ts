/** Use cases of task types. */

import { readText } from "../kernel/fields.ts";
import { taskTypeNameLettersMax, unknownTaskType } from "../model/task-name.ts";
import type { RetentionClass, TaskType, TaskTypeSettings } from "../model/task-type.ts";
import type { Store } from "../model/store.ts";
import type { ServiceContext } from "./context.ts";

/** Retention classes first, since the types name them. */
export interface Registration {
  readonly settings: readonly TaskTypeSettings[];
  readonly retention: readonly RetentionClass[];
}

/** Creates or updates task types by name; a paused type stays paused. */
export function registerTaskTypes(
  { store }: ServiceContext,
  { settings, retention }: Registration,
): Promise<readonly TaskType[]> {
  return store.transaction(async (inside) => {
    if (retention.length > 0) await inside.taskTypes.registerRetention(retention);
    return settings.length > 0 ? inside.taskTypes.register(settings) : [];
  });
}

/** All task types, by name. */
export function listTaskTypes({ store }: ServiceContext): Promise<readonly TaskType[]> {
  return store.taskTypes.list();
}

/** @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` with the nearest names */
export async function getTaskType({ store }: ServiceContext, name: unknown): Promise<TaskType> {
  const wanted = readName(name);
  return (await store.taskTypes.find(wanted)) ?? refuseUnknown(store, { name: wanted });
}

/**
 * Keeps workers from claiming runs of a type, or lets them again; idempotent.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
 */
export async function setTaskTypePaused(
  { store }: ServiceContext,
  { name, paused }: { readonly name: unknown; readonly paused: boolean },
): Promise<TaskType> {
  const wanted = readName(name);
  const changed = await store.taskTypes.setPaused(wanted, paused);
  return changed ?? refuseUnknown(store, { name: wanted });
}

/** Finds a type that a request names. @throws NotFoundError with `field` and nearest names */
export async function typeNamed(
  store: Store,
  wanted: { readonly name: string; readonly field: string },
): Promise<TaskType> {
  return (await store.taskTypes.find(wanted.name)) ?? refuseUnknown(store, wanted);
}

function readName(value: unknown): string {
  return readText(value, { field: "name", max: taskTypeNameLettersMax });
}

async function refuseUnknown(
  store: Store,
  { name, field = "name" }: { readonly name: string; readonly field?: string },
): Promise<never> {
  const known = await store.taskTypes.list();
  throw unknownTaskType(
    name,
    known.map((type) => type.name),
    field,
  );
}
