/** The queue: the port's `RunStore` over its statements. */

import { present } from "../kernel/assert.ts";
import type { RunId, TaskTypeId } from "../kernel/ids.ts";
import type { ClaimedRun, FinishedRun, QueuedRun, RequeuedRun } from "../model/run.ts";
import type { Claimed, ClaimRequest } from "../model/claim-request.ts";
import type { EmptiedClaim, ExpiredClaim, HeldRun, RunStore } from "../model/store.ts";
import { channelOf } from "./channel.ts";
import { boundsParameter, instantParameter, listParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { hotSettings } from "./session-settings.ts";
import * as claims from "./statements/run-claim.ts";
import * as ends from "./statements/run-end.ts";
import * as queue from "./statements/run-queue.ts";
import { levelOf } from "./statements/run-rows.ts";
import { lockEndingTasks } from "./statements/task.ts";
import {
  cancelIdle,
  followEnds,
  lockQueueing,
  releaseWaiting,
  settleEndedRuns,
  type TaskRun,
} from "./settle.ts";

/** The run store of a session. */
export function createRunStore(session: Session): RunStore {
  const channel = channelOf(session.context.schema);
  const now = (): string | null => session.nowParameter();
  return {
    enqueue: async (runs) => {
      const given = queueingParameters(runs, { typeOf: (run) => run.typeId, now: now() });
      const queued = await session.queryOne(queue.enqueueRuns, [...given, channel]);
      return present(queued, "the row of ids");
    },
    enqueueUnlimited: async (runs) => {
      const given = queueingParameters(runs, { typeOf: (run) => run.typeName, now: now() });
      const queued = await session.queryOne(queue.enqueueUnlimited, [...given, channel]);
      return queued?.length === runs.length ? queued : undefined;
    },
    enqueueClaimed: async (runs, { workerId, leaseMs }) => {
      const given = queueingParameters(runs, { typeOf: (run) => run.typeName, now: now() });
      const claimed = await session.query(queue.enqueueClaimed, [...given, workerId, leaseMs]);
      return claimed.length === runs.length ? claimed : undefined;
    },
    claim: async (request) => await claim(session, request),
    listOverlooked: async (bounds) =>
      await session.query(claims.listOverlooked, [
        listParameter(bounds.map((bound) => bound.typeId)),
        listParameter(bounds.map((bound) => bound.level)),
        boundsParameter(bounds.map((bound) => bound.dueFrom)),
      ]),
    finish: async (runs) => await finish(session, runs),
    requeue: async (runs) => await requeue(session, runs),
    release: async (runs) =>
      await session.query(ends.releaseRuns, [...idsAndFences(byId(runs)), channel]),
    listEnded: async (runs) => await session.query(ends.listEndedUnder, idsAndFences(byId(runs))),
    renew: async (workerId, { fences, leaseMs }) =>
      await session.query(ends.renewClaims, [workerId, fences, now(), leaseMs]),
    dropClaims: async (emptied) => await dropClaims(session, emptied),
    listCancelRequests: async (runs) =>
      await session.query(ends.listCancelRequests, [runs.map((run) => run.id)]),
    lockExpired: async (limit) => await lockExpired(session, limit),
    findNextDueMs: async (typeIds) =>
      (await session.queryOne(queue.findNextDueMs, [typeIds, now()])) ?? undefined,
    recordProgress: async (progress) => {
      await session.query(queue.recordProgress, [JSON.stringify(progress), now()]);
    },
    find: async (id) => {
      const run = await session.queryOne(queue.findRun, [id]);
      return run === undefined
        ? undefined
        : { ...run, attempts: await session.query(queue.listAttempts, [id]) };
    },
    list: async (filter, page) =>
      await session.query(queue.listRuns, [
        page.beforeId ?? null,
        page.limit,
        filter.typeName ?? null,
        filter.states ?? null,
        filter.taskId ?? null,
      ]),
    listLiveOfTask: async (id) => await session.query(queue.listLiveRunsOfTask, [id]),
    requestCancel: async (id, reason) => {
      const asked = await session.query(ends.requestCancel, [id, reason, now(), channel]);
      return asked.length > 0;
    },
    cancelIdle: async (id, reason) => await cancelIdle(session, { id, reason }),
    copyEnded: async (id) => await session.queryOne(queue.copyEndedRun, [id, now(), channel]),
    count: async () => await session.query(queue.countRuns, [now()]),
  };
}

/** The first eight parameters of the statements that queue runs. */
function queueingParameters<Given extends QueuedRun, Type>(
  runs: readonly Given[],
  { typeOf, now }: { readonly typeOf: (run: Given) => Type; readonly now: string | null },
): readonly unknown[] {
  const places = new Map<Type, number>();
  const placeOf = (type: Type): number => {
    const place = places.get(type) ?? places.size + 1;
    places.set(type, place);
    return place;
  };
  const overrides = column(runs, (run) =>
    Object.keys(run.overrides).length > 0 ? run.overrides : null,
  );
  const typePlaces = runs.map((run) => placeOf(typeOf(run)));
  return [
    JSON.stringify(runs.map((run) => run.input)),
    places.size > 1 ? listParameter(typePlaces) : null,
    column(runs, (run) => (run.priority === "normal" ? null : levelOf(run.priority))),
    column(runs, (run) => instantParameter(run.dueAt)),
    overrides && JSON.stringify(overrides),
    column(runs, (run) => run.concurrencyKey),
    now,
    [...places.keys()],
  ];
}

/** What each of the runs has, or null where none has it: most have nothing but an input. */
function column<Given, Value>(
  runs: readonly Given[],
  valueOf: (run: Given) => Value | null,
): readonly (Value | null)[] | null {
  const values = runs.map(valueOf);
  return values.some((value) => value !== null) ? values : null;
}

async function claim(session: Session, request: ClaimRequest): Promise<Claimed> {
  if (request.probes.length === 0) return { runs: [], isPassedOver: false };
  const kinds =
    request.limitedFirst === true ? [claimLimited, claimFree] : [claimFree, claimLimited];
  const runs: ClaimedRun[] = [];
  let isPassedOver = false;
  for (const claimOfKind of kinds) {
    if (runs.length >= request.limit) break;
    const claimed = await claimOfKind(session, without(request, runs));
    runs.push(...claimed.runs);
    isPassedOver ||= claimed.isPassedOver;
  }
  return { runs, isPassedOver };
}

/** Runs of types without limits. */
async function claimFree(session: Session, request: ClaimRequest): Promise<Claimed> {
  const probes = request.probes.filter((probe) => !request.limited.includes(probe.typeId));
  if (probes.length === 0) return { runs: [], isPassedOver: false };
  const parameters = claimParameters(session, { ...request, probes });
  const runs = await session.query(claims.claimUnlimited, parameters);
  return { runs, isPassedOver: false };
}

/** Runs of types with limits, for which the types are locked shortly. */
async function claimLimited(session: Session, request: ClaimRequest): Promise<Claimed> {
  const probes = request.probes.filter((probe) => request.limited.includes(probe.typeId));
  const waiting = await listWaiting(session, { ...request, probes });
  if (waiting.length === 0) return { runs: [], isPassedOver: false };
  return await session.transaction(async (inside) => {
    const locked = await inside.query(claims.lockLimitedTypes, [waiting]);
    const isPassedOver = locked.length < waiting.length;
    const held = new Set(locked);
    const wanted = { ...request, probes: probes.filter((probe) => held.has(probe.typeId)) };
    return { runs: await claimOfTypes(inside, { request: wanted, locked }), isPassedOver };
  });
}

/** The types with something to claim: those that are known to have, and those that are asked. */
async function listWaiting(
  session: Session,
  request: ClaimRequest,
): Promise<readonly TaskTypeId[]> {
  const { busy = [] } = request;
  const probes = request.probes.filter((probe) => !busy.includes(probe.typeId));
  if (probes.length === 0) return busy;
  const [types, levels, , bounds, now] = claimParameters(session, { ...request, probes });
  const waiting = await session.query(claims.listWaitingTypes, [types, levels, bounds, now]);
  return [...busy, ...waiting];
}

/** Again while runs of what became full stood before others: each round fills a key or a type. */
async function claimOfTypes(
  session: Session,
  { request, locked }: { readonly request: ClaimRequest; readonly locked: readonly TaskTypeId[] },
): Promise<readonly ClaimedRun[]> {
  const runs: ClaimedRun[] = [];
  let isCut = locked.length > 0;
  while (isCut && runs.length < request.limit) {
    const left = without(request, runs);
    const parameters = [...claimParameters(session, left), locked, startCountOf(left)];
    const claimed = await session.query(claims.claimLimited, parameters);
    runs.push(...claimed.map((each) => each.run));
    isCut = claimed.some((each) => each.isCut);
  }
  return runs;
}

/** What is left of a request after these runs. */
function without(request: ClaimRequest, runs: readonly ClaimedRun[]): ClaimRequest {
  if (runs.length === 0) return request;
  const taken = Map.groupBy(runs, (run) => levelOf(run.priority));
  return {
    ...request,
    limit: request.limit - runs.length,
    startCount: Math.max(startCountOf(request) - runs.length, 0),
    levels: request.levels.map(({ level, limit }) => ({
      level,
      limit: Math.max(limit - (taken.get(level)?.length ?? 0), 0),
    })),
  };
}

function startCountOf({ limit, startCount = limit }: ClaimRequest): number {
  return startCount;
}

function claimParameters(session: Session, request: ClaimRequest): readonly unknown[] {
  return [
    listParameter(request.probes.map((probe) => probe.typeId)),
    listParameter(request.probes.map((probe) => probe.level)),
    listParameter(request.probes.map((probe) => probe.limit)),
    boundsParameter(request.probes.map((probe) => probe.dueFrom)),
    session.nowParameter(),
    request.limit,
    request.workerId,
    request.leaseMs,
    request.levels.map((each) => each.level),
    request.levels.map((each) => each.limit),
  ];
}

/**
 * In the order that the statements search: ids ascending, each once. A run that is there under two
 * tokens can only be held under the larger one.
 */
function byId<Held extends HeldRun>(runs: readonly Held[]): readonly Held[] {
  const latest = new Map<RunId, Held>();
  for (const run of runs) {
    const known = latest.get(run.id);
    if (known === undefined || known.fence < run.fence) latest.set(run.id, run);
  }
  return [...latest.values()].toSorted((one, other) => one.id - other.id);
}

/** The first two parameters of statements on held runs: ids, and beside each its token. */
function idsAndFences(runs: readonly HeldRun[]): readonly [string, string] {
  return [listParameter(runs.map((run) => run.id)), listParameter(runs.map((run) => run.fence))];
}

async function finish(session: Session, runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
  const alone = runs.filter((run) => run.taskId === null);
  const ofTasks = runs.filter(isOfTask);
  const accepted = alone.length === 0 ? [] : [...(await endRuns(session, alone))];
  if (ofTasks.length === 0) return accepted;
  accepted.push(
    ...(await session.transaction(
      async (inside) => await finishOfTasks(inside, ofTasks),
      hotSettings,
    )),
  );
  return accepted;
}

async function finishOfTasks(
  session: Session,
  runs: readonly TaskRun[],
): Promise<readonly RunId[]> {
  // Tasks before runs, as everybody takes them.
  await session.query(lockEndingTasks, [listParameter(runs.map((run) => run.taskId))]);
  const queueing = await lockQueueing(
    session,
    runs.map((run) => run.triggerId),
  );
  const ended = await endRuns(session, runs);
  const endedIds = new Set(ended);
  const settled = await settleEndedRuns(
    session,
    runs.filter((run) => endedIds.has(run.id)),
  );
  await releaseWaiting(session, queueing);
  await followEnds(session, settled);
  return ended;
}

function isOfTask(run: FinishedRun): run is TaskRun {
  return run.taskId !== null;
}

async function endRuns(session: Session, runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
  const held = byId(runs);
  const outputs = held.map(({ outcome }) => ("output" in outcome ? outcome.output : null));
  const errors = held.map(({ outcome }) => errorJson(outcome));
  const ended = await session.queryOne(ends.finishRuns, [
    ...idsAndFences(held),
    session.nowParameter(),
    listParameter(held.map((run) => run.outcome.kind)),
    listParameter(held.map((run) => run.durationMs)),
    outputs.every((output) => output === null) ? null : JSON.stringify(outputs),
    errors.every((error) => error === null) ? null : JSON.stringify(errors),
    channelOf(session.context.schema),
  ]);
  return ended ?? [];
}

function errorJson(outcome: FinishedRun["outcome"]): object | null {
  if ("error" in outcome) return outcome.error;
  return outcome.kind === "cancelled"
    ? { code: "ORR_CANCELLED_RUN", message: outcome.reason, details: {}, stack: null }
    : null;
}

async function requeue(session: Session, runs: readonly RequeuedRun[]): Promise<readonly RunId[]> {
  const held = byId(runs);
  return await session.query(ends.requeueRuns, [
    ...idsAndFences(held),
    session.nowParameter(),
    listParameter(held.map((run) => run.outcome.kind)),
    listParameter(held.map((run) => run.durationMs)),
    listParameter(held.map((run) => run.delayMs)),
    JSON.stringify(held.map(({ outcome }) => errorJson(outcome))),
    listParameter(held.map((run) => run.workerId)),
    channelOf(session.context.schema),
  ]);
}

async function dropClaims(session: Session, emptied: readonly EmptiedClaim[]): Promise<void> {
  const ascending = emptied.toSorted((one, other) => one.fence - other.fence);
  await session.query(ends.dropClaims, [
    listParameter(ascending.map(({ fence }) => fence)),
    listParameter(ascending.map(({ overCount }) => overCount)),
  ]);
}

async function lockExpired(session: Session, limit: number): Promise<readonly ExpiredClaim[]> {
  const claimed = await session.query(ends.lockExpiredClaims, [session.nowParameter(), limit]);
  if (claimed.length === 0) return [];
  const runs = await session.query(ends.listRunsOfClaims, [claimed.map((each) => each.fence)]);
  const byFence = Map.groupBy(runs, (run) => run.fence);
  return claimed.map((each) => ({ ...each, runs: byFence.get(each.fence) ?? [] }));
}
