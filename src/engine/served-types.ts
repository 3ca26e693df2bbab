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
  readonly name: string;
  readonly definition: TaskDefinition;
  /** Whether nothing has to be counted before a run is queued or claimed. */
  readonly mayStartEarly: boolean;
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
      : [{ ...factsOf(type), definition }];
  });
  return new Map(served.map((each) => [each.id, each]));
}

function factsOf({ id, name, limits }: TaskType): Omit<Served, "definition"> {
  const { runningMax, runningPerKeyMax, unfinishedMax } = limits;
  const isKeyed = runningPerKeyMax !== null;
  const isLimited = isKeyed || runningMax !== null;
  return {
    id,
    name,
    isLimited,
    isKeyed,
    // What waits for a slot leaves half of a limit free, which is nothing where it is one.
    mayWait: !isKeyed && (runningMax === null || runningMax > 1),
    mayStartEarly: !isLimited && unfinishedMax === null,
  };
}
