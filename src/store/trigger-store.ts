/** Triggers: the port's `TriggerStore` over its statements. */

import { present } from "../kernel/assert.ts";
import type { RunId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { DueTrigger, FiringDecision, TakenTriggers } from "../model/firing.ts";
import type { TriggerStore } from "../model/store.ts";
import type { NewTrigger } from "../model/task.ts";
import { channelOf } from "./channel.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { endRunsByRequest, settleIdleTasks } from "./settle.ts";
import { lockTaskTypes } from "./statements/task-type.ts";
import * as changes from "./statements/trigger-change.ts";
import * as triggers from "./statements/trigger.ts";
import type { LockedTrigger } from "./statements/trigger.ts";

/** The trigger store of a session. */
export function createTriggerStore(session: Session): TriggerStore {
  const channel = channelOf(session.context.schema);
  const now = (): string | null => session.nowParameter();
  return {
    takeDue: async (limit) => await takeDue(session, limit),
    record: async (decisions) => await record(session, decisions),
    find: async (id) => await session.queryOne(changes.findTrigger, [id]),
    add: async (taskId, trigger) => {
      const wanted = JSON.stringify(newTriggerJson(trigger));
      const added = await session.queryOne(changes.addTrigger, [taskId, wanted, now(), channel]);
      return present(added, "the id of the trigger");
    },
    change: async (id, trigger) => {
      const wanted = JSON.stringify(newTriggerJson(trigger));
      await session.query(changes.changeTrigger, [id, wanted, now(), channel]);
    },
    remove: async (id) => {
      await session.query(changes.removeTrigger, [id]);
    },
    settleIdle: async (taskId, reason) => await settleIdleTasks(session, [taskId], reason),
    listOccurrences: async (id, { before, limit }) =>
      await session.query(changes.listOccurrences, [id, instantParameter(before ?? null), limit]),
    findNextFireAt: async () => (await session.queryOne(triggers.findNextFireAt)) ?? undefined,
    findNextFireMs: async () =>
      (await session.queryOne(triggers.findNextFireMs, [now()])) ?? undefined,
  };
}

/** A new trigger as the statements read it. */
export function newTriggerJson({ policy, ...trigger }: NewTrigger): object {
  return {
    spec: trigger.spec,
    next_fire_at: instantParameter(trigger.nextFireAt),
    interval_ms: trigger.intervalMs,
    misfire_grace_ms: policy.misfireGraceMs,
    max_instances: policy.maxInstances,
    coalesce_rule: policy.coalesce,
    overlap: policy.overlap,
    paused: trigger.isPaused,
  };
}

/**
 * Types with a bounded queue are locked after their triggers, and only then counted: neither an
 * enqueue nor another process that fires can take the room in between. Nobody who has a type waits
 * for a due trigger.
 */
async function takeDue(session: Session, limit: number): Promise<TakenTriggers> {
  const channel = channelOf(session.context.schema);
  const parameters = [session.nowParameter(), limit, channel];
  const rows = await session.query(triggers.takeDueTriggers, parameters);
  const { found, fired } = present(rows[0], "how many triggers were due");
  const locked = rows.flatMap(({ undecided }) => undecided ?? []);
  return { found, fired, undecided: await withQueueRooms(session, locked) };
}

async function withQueueRooms(
  session: Session,
  due: readonly LockedTrigger[],
): Promise<readonly DueTrigger[]> {
  const bounded = new Set(due.flatMap((each) => (each.isBounded ? [each.typeId] : [])));
  if (bounded.size === 0) return due.map((each) => ({ ...each, queueRoom: null }));
  await session.query(lockTaskTypes, [[...bounded]]);
  const rooms = await session.query(triggers.listQueueRooms, [[...bounded]]);
  const byType = new Map(rooms.map((room) => [room.typeId, room.queueRoom]));
  return due.map((each) => ({ ...each, queueRoom: byType.get(each.typeId) ?? null }));
}

async function record(session: Session, decisions: readonly FiringDecision[]): Promise<number> {
  const channel = channelOf(session.context.schema);
  const oldest = await listOldest(session, decisions);
  const recorded = await session.queryOne(triggers.recordFirings, [
    JSON.stringify(decisions.map(decisionJson)),
    session.nowParameter(),
    channel,
  ]);
  if (oldest.length > 0) {
    await endRunsByRequest(session, oldest, "a later fire time of its trigger has come");
  }
  const queueing = decisions.filter(({ occurrences }) => occurrences.some((each) => each.waits));
  if (queueing.length > 0) {
    // The counts that were decided on are older than the lock: a run may have ended in between.
    const ids = queueing.map((each) => each.triggerId);
    await session.query(triggers.releaseWaitingRuns, [ids, session.nowParameter(), channel]);
  }
  const over = decisions.filter(
    ({ nextFireAt, occurrences }) =>
      nextFireAt === null && occurrences.every(({ verdict }) => verdict !== "fired"),
  );
  if (over.length > 0) {
    const ids = over.map((each) => each.taskId);
    await settleIdleTasks(session, ids, "its last fire time has passed without a run");
  }
  return present(recorded, "the count of fired runs").fired;
}

/** The runs that are to make room, before the new ones are beside them. */
async function listOldest(
  session: Session,
  decisions: readonly FiringDecision[],
): Promise<readonly RunId[]> {
  const runs: RunId[] = [];
  for (const { taskId, triggerId, cancelCount } of decisions) {
    if (cancelCount === 0) continue;
    runs.push(...(await session.query(triggers.listOldestRuns, [taskId, triggerId, cancelCount])));
  }
  return runs;
}

function decisionJson({ triggerId, nextFireAt, occurrences }: FiringDecision): object {
  const last = occurrences.reduce<Instant | null>(
    (latest, { fireAt }) => (latest === null || fireAt > latest ? fireAt : latest),
    null,
  );
  return {
    trigger_id: triggerId,
    next_fire_at: instantParameter(nextFireAt),
    previous_fire_at: instantParameter(last),
    occurrences: occurrences.map(({ fireAt, verdict, reason, waits }) => ({
      fire_at: instantParameter(fireAt),
      verdict,
      reason,
      waits,
    })),
  };
}
