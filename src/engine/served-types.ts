/** The task types that a process has code for. */

import type { TaskTypeId } from "../kernel/ids.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { passTypeName } from "../model/graph.ts";
import type { TaskDefinition } from "../model/handler.ts";
import { passDefinition } from "../model/pass-definition.ts";
import type { TaskType } from "../model/task-type.ts";
import type { ServedType } from "./claim.ts";

/** A type with its code. */
export interface Served extends ServedType {
  readonly definition: TaskDefinition;
}

/** Those of the types that the catalogue has code for and that are not paused, by id. */
export function servedOf(
  types: readonly TaskType[],
  catalogue: Catalogue,
): ReadonlyMap<TaskTypeId, Served> {
  const served = types.flatMap((type): Served[] => {
    const definition = type.name === passTypeName ? passDefinition : catalogue.find(type.name);
    return definition === undefined || type.pausedAt !== null
      ? []
      : [{ id: type.id, ...boundsOf(type), definition }];
  });
  return new Map(served.map((each) => [each.id, each]));
}

function boundsOf({ limits }: TaskType): Omit<ServedType, "id"> {
  const { runningMax, runningPerKeyMax } = limits;
  const isKeyed = runningPerKeyMax !== null;
  const isLimited = isKeyed || runningMax !== null;
  // What waits for a slot leaves half of a limit free, which is nothing where it is one.
  return { isLimited, isKeyed, mayWait: !isKeyed && (runningMax === null || runningMax > 1) };
}
