/** The definitions that this process has, by name: those handed in and those found by scanning. */

import { present } from "../kernel/assert.ts";
import { ConfigError, ConflictError } from "../kernel/errors.ts";
import { fieldIn } from "../kernel/fields.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { TaskDefinition } from "../model/handler.ts";
import { matchingNames, resolveName } from "../model/task-name.ts";
import type { BrokenModule, FoundTask, TaskScan } from "./scan-tasks.ts";

/** A catalogue that can also be asked by part of a name, and by definition. */
export interface TaskCatalogue extends Catalogue {
  /** Modules that could not be used, in the order of paths. */
  readonly broken: readonly BrokenModule[];
  /** The names that a pattern means: exact, whole parts between dots, or with `*` and `?`. */
  match(pattern: string): readonly string[];
  /**
   * The one definition that a pattern means.
   * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` with the nearest names
   * @throws ConflictError `ORR_CONFLICT_NAME` with the candidates
   */
  resolve(pattern: string): TaskDefinition;
  /** The name that a definition has here; its own name when it is not in the catalogue. */
  nameOf(definition: Pick<TaskDefinition, "settings">): string;
}

/**
 * Puts definitions together.
 * @throws ConflictError `ORR_CONFLICT_NAME` naming both places of a name that two have
 * @throws ConfigError `ORR_CONFIG_INVALID` for one that was handed in without name
 */
export function createCatalogue(sources: {
  readonly tasks: readonly TaskDefinition[];
  readonly scan: TaskScan;
}): TaskCatalogue {
  const found = [...sources.tasks.map(handedIn), ...sources.scan.tasks];
  const byName = new Map<string, FoundTask>();
  const names = new Map<unknown, string>();
  for (const task of found) {
    const { name } = task.named.settings;
    const earlier = byName.get(name);
    // The same definition, handed in and found by scanning as well, is one.
    if (earlier !== undefined && earlier.definition === task.definition) continue;
    if (earlier !== undefined) throw sameName(name, [earlier.origin, task.origin]);
    byName.set(name, task);
    if (!names.has(task.definition)) names.set(task.definition, name);
  }
  const sorted = [...byName.keys()].toSorted();
  const definitions = sorted.flatMap((name) => byName.get(name)?.named ?? []);
  const find = (name: string): TaskDefinition | undefined => byName.get(name)?.named;
  return Object.freeze({
    find,
    list: () => definitions,
    broken: sources.scan.broken,
    match: (pattern: string) => matchingNames(pattern, sorted),
    resolve: (pattern: string) => present(find(resolveName(pattern, sorted)), pattern),
    nameOf: (definition: Pick<TaskDefinition, "settings">) =>
      names.get(definition) ?? definition.settings.name,
  });
}

function handedIn(definition: TaskDefinition, index: number): FoundTask {
  const origin = fieldIn("tasks", index);
  if (definition.settings.name !== "") return { definition, named: definition, origin };
  throw new ConfigError(
    "ORR_CONFIG_INVALID",
    `${origin} has no name: only a scanned module gives one, so say defineTask({ name })`,
    { details: { field: `${origin}.name`, value: "" } },
  );
}

function sameName(name: string, origins: readonly string[]): ConflictError {
  return new ConflictError(
    "ORR_CONFLICT_NAME",
    `two task definitions are named ${JSON.stringify(name)}: ${origins.join(" and ")}`,
    { details: { name, origins: [...origins] } },
  );
}
