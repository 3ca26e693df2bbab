/** Task types as commands look for them. */

import type { TaskType } from "../../compat/swh/records.ts";
import type { SwhScheduler } from "../../compat/swh/scheduler.ts";
import { InvalidInputError } from "../../kernel/errors.ts";

/**
 * The type of this name.
 * @throws InvalidInputError `ORR_INPUT_INVALID` when there is none
 */
export async function knownTaskType(scheduler: SwhScheduler, name: string): Promise<TaskType> {
  const type = await scheduler.getTaskType(name);
  if (type === null) throw unknownTaskType(name);
  return type;
}

/** The error for a name that no type has. */
export function unknownTaskType(name: string, where = ""): InvalidInputError {
  return new InvalidInputError("ORR_INPUT_INVALID", `${where}Unknown task name ${name}.`, {
    details: {
      field: "type",
      value: name,
      hint: "`orrery swh task-type list` shows the names that are known",
    },
  });
}
