/** Queues runs that belong to no task. */

import { present } from "../kernel/assert.ts";
import { fieldIn, readList } from "../kernel/fields.ts";
import type { RunId } from "../kernel/ids.ts";
import { isBuiltInType } from "../model/graph.ts";
import type { NamedRun, NewRun } from "../model/run.ts";
import type { ServiceContext } from "./context.ts";
import { checkInputs, dueInstant, filledOverrides, typesOf } from "./create-tasks.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import { readRunRequest, requestCountMax, type RunRequest } from "./read-requests.ts";

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
  await checkInputs(context, runs);
  return (await enqueueAtOnce(context, runs)) ?? (await enqueueChecked(context, runs));
}

/**
 * Queues runs in one round trip, as long as nothing has to be known of their types beforehand;
 * undefined, and nothing is queued, if something has.
 */
async function enqueueAtOnce(
  context: ServiceContext,
  runs: readonly RunRequest[],
): Promise<readonly RunId[] | undefined> {
  const named: NamedRun[] = [];
  for (const { typeName, input, priority, concurrencyKey, overrides, due } of runs) {
    if (due.kind === "after" || isBuiltInType(typeName)) return undefined;
    const { retry, ...stored } = overrides;
    if (retry !== undefined) return undefined;
    const dueAt = due.kind === "at" ? due.at : null;
    named.push({ typeName, input, priority, concurrencyKey, overrides: stored, dueAt });
  }
  return (await startEarly(context, named)) ?? (await context.store.runs.enqueueUnlimited(named));
}

/** Queues runs that start here at once, if this process has slots for them; else nothing. */
async function startEarly(
  { store, reserveSlots }: ServiceContext,
  runs: readonly NamedRun[],
): Promise<readonly RunId[] | undefined> {
  if (runs.some((run) => run.dueAt !== null)) return undefined;
  using slots = reserveSlots?.(runs.map((run) => run.typeName));
  if (slots === undefined) return undefined;
  const claimed = await store.runs.enqueueClaimed(runs, slots);
  if (claimed === undefined) return undefined;
  slots.start(claimed);
  return claimed.map((run) => run.id);
}

/** Queues runs of types with limits, with a delay, or with policies that their types complete. */
async function enqueueChecked(
  { store }: ServiceContext,
  runs: readonly RunRequest[],
): Promise<readonly RunId[]> {
  const types = await typesOf(store, runs);
  const typeOf = (name: string) => present(types.get(name), `the type ${name}`);
  return await store.transaction(async (inside) => {
    await reserveRoom(inside, demandOf(runs.map((run) => typeOf(run.typeName))));
    // The clock is asked for only where a delay counts from it.
    const delayed = runs.some((run) => run.due.kind === "after");
    const now = delayed ? await inside.system.now() : undefined;
    return await inside.runs.enqueue(
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
