/** Queues runs that belong to no task. */

import { present } from "../kernel/assert.ts";
import { fieldIn, readList } from "../kernel/fields.ts";
import type { RunId } from "../kernel/ids.ts";
import type { NewRun } from "../model/run.ts";
import type { ServiceContext } from "./context.ts";
import { checkInputs, dueInstant, filledOverrides, typesOf } from "./create-tasks.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import { readRunRequest, requestCountMax } from "./read-requests.ts";

/**
 * Queues runs, all or none; answers their ids in order.
 * @throws InvalidInputError `ORR_INPUT_*` with `details.field` such as `runs[3].input.url`
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export async function enqueue(
  context: ServiceContext,
  requests: unknown,
): Promise<readonly RunId[]> {
  const list = readList(requests, { field: "runs", max: requestCountMax });
  const runs = list.map((each, index) => readRunRequest(each, fieldIn("runs", index)));
  if (runs.length === 0) return [];
  const types = await typesOf(context.store, runs);
  await checkInputs(context, runs);
  const typeOf = (name: string) => present(types.get(name), `the type ${name}`);
  return context.store.transaction(async (store) => {
    await reserveRoom(store, demandOf(runs.map((run) => typeOf(run.typeName))));
    // The clock is asked for only where a delay counts from it.
    const delayed = runs.some((run) => run.due.kind === "after");
    const now = delayed ? await store.system.now() : undefined;
    return store.runs.enqueue(
      runs.map((run): NewRun => ({
        typeId: typeOf(run.typeName).id,
        input: run.input,
        priority: run.priority,
        concurrencyKey: run.concurrencyKey,
        overrides: filledOverrides(run.overrides, typeOf(run.typeName)),
        dueAt:
          run.due.kind === "at" ? run.due.at : now === undefined ? null : dueInstant(run.due, now),
      })),
    );
  });
}
