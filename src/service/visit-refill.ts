/**
 * Filling the queue of a visit type: as many origins as there is room for are chosen by the
 * policies, each its part, and what one cannot give the others may. Choice and queueing are one
 * transaction under the lock on the task type, so that nothing is marked that is not queued, and
 * any number of processes together keep to the length.
 */

import { NotFoundError } from "../kernel/errors.ts";
import type { Rng } from "../kernel/rng.ts";
import type { ListedOrigin } from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";
import type { NewRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { TaskType } from "../model/task-type.ts";
import type { PolicySetting, Refill, VisitSetting } from "../model/visiting.ts";
import { roomToFill } from "../policy/visit-refill.ts";
import { splitCount } from "../policy/visit-shares.ts";
import { FirstVisits } from "./first-visits.ts";
import { chooseVisits } from "./visit-choice.ts";
import { type ChosenVisit, visitInputs } from "./visit-inputs.ts";

/** What filling needs. */
export interface RefillContext {
  readonly store: Store;
  readonly rng: Rng;
}

/** Origins that one transaction chooses at most. */
export const refillBatchMax = 1_000;

/**
 * Fills a queue, one batch.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` when nobody has registered the task type
 */
export async function refillVisits(context: RefillContext, setting: VisitSetting): Promise<Refill> {
  const { store } = context;
  const { visitType, task } = setting;
  const type = await store.taskTypes.find(task);
  if (type === undefined) throw taskTypeNotFound(setting);
  const rule = { ...setting, queueLength: lengthOf(setting, type) };
  // Looked at without a lock first: mostly there is no room.
  const unfinishedCount = await store.visitQueue.countUnfinished(type.id, rule.queueLength);
  const look = { visitType, unfinishedCount, roomLeft: 0, taken: {} };
  if (type.pausedAt !== null || (await store.system.findPausedAt()) !== undefined) {
    return { ...look, state: "paused" };
  }
  if (roomToFill(rule, unfinishedCount) === 0) return { ...look, state: "full" };
  // On its own: there may be much of it, and nobody is to wait for that.
  await store.frontier.promote(visitType, null);
  const first = new FirstVisits(setting);
  const refill = await store.visitQueue.fill(type.id, (inside) =>
    fill({ ...context, store: inside }, { setting: rule, type, first }),
  );
  if (first.isExhausted) await first.noteCompleted(store);
  return refill;
}

/** The type's own limit binds as well. */
function lengthOf({ queueLength }: VisitSetting, { limits }: TaskType): number {
  return Math.min(queueLength, limits.unfinishedMax ?? queueLength);
}

/** What is filled, and who makes its first visits. */
interface Filling {
  readonly setting: VisitSetting;
  readonly type: TaskType;
  readonly first: FirstVisits;
}

async function fill(
  { store, rng }: RefillContext,
  { setting, type, first }: Filling,
): Promise<Refill> {
  const { visitType, queueLength } = setting;
  const unfinishedCount = await store.visitQueue.countUnfinished(type.id, queueLength);
  const room = roomToFill(setting, unfinishedCount);
  const look = { visitType, unfinishedCount };
  if (room === 0) return { ...look, state: "full", roomLeft: 0, taken: {} };
  const wanted = Math.min(room, refillBatchMax);
  const chosen = await chooseByParts({ store, rng }, { setting, first, wanted });
  await store.runs.enqueue(await runsOf(store, chosen, type));
  return {
    ...look,
    state: chosen.length < wanted ? "dry" : "filled",
    roomLeft: room - chosen.length,
    taken: countByPolicy(chosen),
  };
}

/** First visits get their part, the policies theirs, and each what the other leaves. */
async function chooseByParts(
  { store, rng }: RefillContext,
  { setting, first, wanted }: Pick<Filling, "setting" | "first"> & { readonly wanted: number },
): Promise<readonly ChosenVisit[]> {
  const part = setting.firstVisits?.part ?? 0;
  const [forFirst = 0] = part === 0 ? [] : splitCount(wanted, [part, 1 - part], rng);
  const chosen = new Map<string, ChosenVisit>();
  const add = (visits: readonly ChosenVisit[]): void => {
    // Two listers may list one origin: it is visited once.
    for (const each of visits) {
      const key = originKeyText(each.origin);
      if (!chosen.has(key)) chosen.set(key, each);
    }
  };
  add(await first.choose(store, forFirst));
  add(await chooseByPolicies({ store, rng }, setting, wanted - chosen.size));
  if (part > 0) add(await first.choose(store, wanted - chosen.size));
  return [...chosen.values()];
}

/** In rounds: who gave less than it was asked for is not asked again. */
async function chooseByPolicies(
  { store, rng }: RefillContext,
  { visitType, policies }: VisitSetting,
  wanted: number,
): Promise<readonly ChosenVisit[]> {
  const chosen: ChosenVisit[] = [];
  let open: readonly PolicySetting[] = policies;
  while (chosen.length < wanted && open.length > 0) {
    const weights = open.map(({ weight }) => weight);
    const shares = splitCount(wanted - chosen.length, weights, rng);
    const generous: PolicySetting[] = [];
    for (const [index, setting] of open.entries()) {
      const limit = shares[index] ?? 0;
      const origins = limit === 0 ? [] : await take(store, { visitType, setting, limit });
      const { policy } = setting;
      chosen.push(...origins.map((origin) => ({ origin, policy, priority: "normal" as const })));
      if (origins.length === limit) generous.push(setting);
    }
    open = generous;
  }
  return chosen;
}

async function take(
  { frontier }: Store,
  wish: {
    readonly visitType: string;
    readonly setting: PolicySetting;
    readonly limit: number;
  },
): Promise<readonly ListedOrigin[]> {
  const { visitType, limit } = wish;
  const { policy, cooldowns } = wish.setting;
  const all = { enabled: true, listers: null, timestamp: null, marks: true };
  return (await chooseVisits(frontier, { ...all, visitType, policy, cooldowns, limit })).origins;
}

async function runsOf(
  store: Store,
  chosen: readonly ChosenVisit[],
  type: TaskType,
): Promise<readonly NewRun[]> {
  const inputs = await visitInputs(store, chosen);
  return chosen.map(({ origin, priority }, index) => ({
    typeId: type.id,
    input: inputs[index] ?? null,
    priority,
    concurrencyKey: null,
    overrides: { visit: origin.visitType },
    dueAt: null,
  }));
}

function countByPolicy(chosen: readonly ChosenVisit[]): Refill["taken"] {
  const byPolicy = Map.groupBy(chosen, ({ policy }) => policy);
  return Object.fromEntries([...byPolicy].map(([policy, visits]) => [policy, visits.length]));
}

function taskTypeNotFound({ visitType, task }: VisitSetting): NotFoundError {
  return new NotFoundError(
    "ORR_NOT_FOUND_TASK_TYPE",
    `visits of ${visitType} are made by the task type ${JSON.stringify(task)}, which nobody has ` +
      "registered",
    { details: { field: `visits.${visitType}.task`, value: task } },
  );
}
