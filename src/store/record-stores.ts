/** The smaller ports over their statements: types, workers, leases, tokens, system. */

import type {
  LeaseStore,
  SystemStore,
  TaskTypeStore,
  TokenStore,
  WorkerStore,
} from "../model/store.ts";
import { present } from "../kernel/assert.ts";
import type { TaskTypeId } from "../kernel/ids.ts";
import type { TaskTypeSettings } from "../model/task-type.ts";
import { channelOf } from "./channel.ts";
import { startKeeper } from "./keeper.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { countUnfinished } from "./statements/run-queue.ts";
import * as types from "./statements/task-type.ts";
import * as workers from "./statements/worker.ts";

/** The task type store of a session. */
export function createTaskTypeStore(session: Session): TaskTypeStore {
  const now = (): string | null => session.nowParameter();
  return {
    register: async (settings) => {
      const wanted = JSON.stringify(settings.map(settingsJson));
      await session.query(types.registerTaskTypes, [wanted, now()]);
      const names = new Set(settings.map((each) => each.name));
      const all = await session.query(types.listTaskTypes);
      return all.filter((type) => names.has(type.name));
    },
    list: async () => await session.query(types.listTaskTypes),
    find: async (name) => await session.queryOne(types.findTaskType, [name]),
    setPaused: async (name, paused) =>
      await session.queryOne(types.setTaskTypePaused, [
        name,
        paused,
        now(),
        channelOf(session.context.schema),
      ]),
    lock: async (ids) => {
      await session.query(types.lockTaskTypes, [ids]);
    },
    countUnfinished: async (ids) => {
      const counts = await session.query(countUnfinished, [ids]);
      return new Map(counts.map((each) => [each.typeId as TaskTypeId, each.count]));
    },
    registerRetention: async (classes) => {
      await session.transaction(async (inside) => {
        for (const { name, keepDays } of classes) {
          const put = await inside.queryOne(types.putRetentionClass, [name, keepDays]);
          if (put?.isNew === true) await inside.query(types.addRetentionClass, [name]);
        }
      });
    },
  };
}

function settingsJson(settings: TaskTypeSettings): object {
  return {
    name: settings.name,
    description: settings.description,
    executor: settings.executor,
    interval_default_ms: settings.interval.defaultMs,
    interval_min_ms: settings.interval.minMs,
    interval_max_ms: settings.interval.maxMs,
    interval_factor: settings.interval.factor,
    retry: settings.retry,
    timeout_ms: settings.timeoutMs,
    grace_ms: settings.graceMs,
    running_max: settings.limits.runningMax,
    running_per_key_max: settings.limits.runningPerKeyMax,
    unfinished_max: settings.limits.unfinishedMax,
    retention_class: settings.retentionClass,
    input_schema: settings.inputSchema,
  };
}

/** The worker store of a session. */
export function createWorkerStore(session: Session, connectionString: string): WorkerStore {
  const now = (): string | null => session.nowParameter();
  return {
    start: async ({ host, pid, version, slotCount }, ttlMs) =>
      present(
        await session.queryOne(workers.startWorker, [host, pid, version, slotCount, ttlMs, now()]),
        "the worker's id",
      ),
    heartbeat: async (id, ttlMs) => {
      await session.query(workers.beatWorker, [id, ttlMs, now()]);
    },
    drain: async (id) => {
      await session.query(workers.moveWorker, [id, "draining"]);
    },
    stop: async (id) => {
      await session.query(workers.moveWorker, [id, "stopped"]);
    },
    expire: async () => await session.query(workers.expireWorkers, [now()]),
    prune: async () => await session.query(workers.pruneWorkers, [now()]),
    list: async () => await session.query(workers.listWorkers, [now()]),
    startKeeper: async (request) =>
      await startKeeper({ connectionString, schema: session.context.schema }, request),
  };
}

/** The store of named leases of a session. */
export function createLeaseStore(session: Session): LeaseStore {
  const now = (): string | null => session.nowParameter();
  return {
    claim: async ({ name, owner, ttlMs }) =>
      await session.queryOne(workers.claimLease, [name, owner, ttlMs, now()]),
    renew: async (lease, ttlMs) =>
      await session.queryOne(workers.renewLease, [lease.name, lease.token, ttlMs, now()]),
    release: async (lease) => {
      const released = await session.query(workers.releaseLease, [lease.name, lease.token, now()]);
      return released.length > 0;
    },
    confirm: async (lease) => {
      const mine = await session.query(workers.confirmLease, [lease.name, lease.token]);
      return mine.length > 0;
    },
  };
}

/** The token store of a session. */
export function createTokenStore(session: Session): TokenStore {
  const now = (): string | null => session.nowParameter();
  return {
    create: async ({ name, role, hash, expiresAt }) => {
      const values = [name, role, hash, instantParameter(expiresAt), now()];
      return present(await session.queryOne(workers.createToken, values), "the token");
    },
    list: async () => await session.query(workers.listTokens),
    revoke: async (id) => {
      const revoked = await session.query(workers.revokeToken, [id, now()]);
      return revoked.length > 0;
    },
    findByHash: async (hash) => await session.queryOne(workers.findToken, [hash, now()]),
  };
}

/** The installation's store of a session. */
export function createSystemStore(session: Session): SystemStore {
  const now = (): string | null => session.nowParameter();
  return {
    now: async () => present(await session.queryOne(workers.readClock, [now()]), "the clock"),
    setPaused: async (paused) => {
      const channel = channelOf(session.context.schema);
      await session.query(workers.setInstallationPaused, [paused, now(), channel]);
    },
    findPausedAt: async () => (await session.queryOne(workers.findInstallationPaused)) ?? undefined,
    describe: async () => {
      const found = present(await session.queryOne(workers.describeDatabase), "the database");
      return { ...found, schema: session.context.schema };
    },
  };
}
