/** Workers, hosts, named leases, API tokens and the installation as a whole. */

import type { WorkerId } from "../../kernel/ids.ts";
import type { Instant } from "../../kernel/instant.ts";
import { workerTable, type WorkerState } from "../../model/state-machine.ts";
import type { DatabaseInfo } from "../../model/store.ts";
import { tokenRoles, type ApiToken, type NamedLease, type Worker } from "../../model/worker.ts";
import { idOf, instantOf, numberOf, optionalInstant, type Row, textOf, wordOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";

const workerStates = Object.keys(workerTable) as WorkerState[];

function decodeWorkerId(row: Row): WorkerId {
  return idOf(row, "id");
}

/** Enters a worker. $1 host, $2 pid, $3 version, $4 slots, $5 milliseconds to live, $6 now. */
export const startWorker: Statement<WorkerId> = statement(
  "start_worker",
  `with clock as materialized (
  select coalesce($6::timestamptz, clock_timestamp()) as now
),
here as (
  insert into {schema}.host as host (name) values ($1)
  on conflict (name) do update set name = excluded.name
  returning id
)
insert into {schema}.worker (host_id, pid, version, slot_count, started_at, heartbeat_at,
  expires_at)
select here.id, $2, $3, $4, clock.now, clock.now, clock.now + $5 * interval '1 millisecond'
from here, clock
returning id`,
  decodeWorkerId,
);

/** Extends a worker's life. $1 id, $2 milliseconds, $3 now. */
export const beatWorker: Statement<WorkerId> = statement(
  "beat_worker",
  `update {schema}.worker
set heartbeat_at = coalesce($3::timestamptz, clock_timestamp()),
  expires_at = coalesce($3::timestamptz, clock_timestamp()) + $2 * interval '1 millisecond',
  state = case when state = 'lost' then 'live' else state end
where id = $1 and state <> 'stopped'
returning id`,
  decodeWorkerId,
);

/** Moves a worker to the state $2 unless it has stopped. $1 id. */
export const moveWorker: Statement<undefined> = command(
  "move_worker",
  `update {schema}.worker
set state = $2::{schema}.worker_state
where id = $1 and state <> 'stopped'`,
);

/** Marks workers whose life ran out as lost. $1 now. */
export const expireWorkers: Statement<WorkerId> = statement(
  "expire_workers",
  `update {schema}.worker
set state = 'lost'
where state in ('live', 'draining')
  and expires_at <= (select coalesce($1::timestamptz, clock_timestamp()))
returning id`,
  decodeWorkerId,
);

/**
 * Forgets workers that gave their last sign of life 90 days ago: one that slept for longer than
 * that has to be started again. $1 now.
 */
export const pruneWorkers: Statement<WorkerId> = statement(
  "prune_workers",
  `delete from {schema}.worker
where state in ('stopped', 'lost')
  and expires_at < coalesce($1::timestamptz, clock_timestamp()) - interval '90 days'
  and not exists (select from {schema}.claim where claim.worker_id = worker.id)
returning id`,
  decodeWorkerId,
);

/** Workers that live, and those that ended within a day. $1 now. */
export const listWorkers: Statement<Worker> = statement(
  "list_workers",
  `select worker.id, host.name as host, worker.pid, worker.version, worker.state,
  worker.slot_count, worker.started_at, worker.heartbeat_at, worker.expires_at,
  coalesce(held.run_count, 0) as running_count
from {schema}.worker
join {schema}.host on host.id = worker.host_id
left join (
  select claim.worker_id, count(*) as run_count
  from {schema}.claim
  cross join lateral unnest(claim.run_ids) as held (run_id)
  join {schema}.run on run.id = held.run_id and run.fence = claim.fence and run.state = 'running'
  group by claim.worker_id
) as held on held.worker_id = worker.id
where worker.state in ('live', 'draining')
  or worker.heartbeat_at > coalesce($1::timestamptz, clock_timestamp()) - interval '24 hours'
order by worker.id desc
limit 1000`,
  (row: Row): Worker => ({
    id: idOf(row, "id"),
    host: textOf(row, "host"),
    pid: numberOf(row, "pid"),
    version: textOf(row, "version"),
    state: wordOf(row, "state", workerStates),
    slotCount: numberOf(row, "slot_count"),
    startedAt: instantOf(row, "started_at"),
    heartbeatAt: instantOf(row, "heartbeat_at"),
    expiresAt: instantOf(row, "expires_at"),
    runningCount: numberOf(row, "running_count"),
  }),
);

function decodeLease(row: Row): NamedLease {
  return {
    name: textOf(row, "name"),
    owner: textOf(row, "owner"),
    token: numberOf(row, "token"),
    expiresAt: instantOf(row, "expires_at"),
  };
}

/**
 * Grants a named lease if it is free or has expired. One statement; the clock is read while the row
 * is locked, so that whoever waited for the lock does not judge by an older time; the token is
 * counted from the row for the same reason. $1 name, $2 owner, $3 milliseconds, $4 now.
 */
export const claimLease: Statement<NamedLease> = statement(
  "claim_lease",
  `insert into {schema}.lease as held (name, owner, token, expires_at)
values ($1, $2, 1, coalesce($4::timestamptz, clock_timestamp()) + $3 * interval '1 millisecond')
on conflict (name) do update
set owner = excluded.owner, token = held.token + 1,
  expires_at = coalesce($4::timestamptz, clock_timestamp()) + $3 * interval '1 millisecond'
where held.expires_at <= coalesce($4::timestamptz, clock_timestamp())
returning name, owner, token, expires_at`,
  decodeLease,
);

/** Extends a lease that is mine and has not expired. $1 name, $2 token, $3 milliseconds, $4 now. */
export const renewLease: Statement<NamedLease> = statement(
  "renew_lease",
  `update {schema}.lease
set expires_at = coalesce($4::timestamptz, clock_timestamp()) + $3 * interval '1 millisecond'
where name = $1 and token = $2 and expires_at > coalesce($4::timestamptz, clock_timestamp())
returning name, owner, token, expires_at`,
  decodeLease,
);

/** Lets a lease expire if it is mine. $1 name, $2 token, $3 now. */
export const releaseLease: Statement<NamedLease> = statement(
  "release_lease",
  `update {schema}.lease
set expires_at = coalesce($3::timestamptz, clock_timestamp())
where name = $1 and token = $2 and expires_at > coalesce($3::timestamptz, clock_timestamp())
returning name, owner, token, expires_at`,
  decodeLease,
);

/** Locks the lease's row under its token: whoever gets it may write. $1 name, $2 token. */
export const confirmLease: Statement<NamedLease> = statement(
  "confirm_lease",
  `select name, owner, token, expires_at
from {schema}.lease
where name = $1 and token = $2
for update`,
  decodeLease,
);

function decodeToken(row: Row): ApiToken {
  return {
    id: numberOf(row, "id"),
    name: textOf(row, "name"),
    role: wordOf(row, "role", tokenRoles),
    createdAt: instantOf(row, "created_at"),
    expiresAt: optionalInstant(row, "expires_at"),
    lastUsedAt: optionalInstant(row, "last_used_at"),
    revokedAt: optionalInstant(row, "revoked_at"),
  };
}

const tokenColumns = "id, name, role, created_at, expires_at, last_used_at, revoked_at";

/** Keeps a token. $1 name, $2 role, $3 hash, $4 expiry or null, $5 now. */
export const createToken: Statement<ApiToken> = statement(
  "create_token",
  `insert into {schema}.api_token (name, role, hash, expires_at, created_at)
values ($1, $2, $3, $4::timestamptz, coalesce($5::timestamptz, clock_timestamp()))
returning ${tokenColumns}`,
  decodeToken,
);

/** All tokens, newest first. */
export const listTokens: Statement<ApiToken> = statement(
  "list_tokens",
  `select ${tokenColumns} from {schema}.api_token order by id desc limit 1000`,
  decodeToken,
);

/** Revokes a token; revoking twice keeps the first time. $1 id, $2 now. */
export const revokeToken: Statement<ApiToken> = statement(
  "revoke_token",
  `update {schema}.api_token
set revoked_at = coalesce(revoked_at, $2::timestamptz, clock_timestamp())
where id = $1
returning ${tokenColumns}`,
  decodeToken,
);

/** The valid token with a hash; its use is noted once a minute. $1 hash, $2 now. */
export const findToken: Statement<ApiToken> = statement(
  "find_token",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
valid as materialized (
  select api_token.*
  from {schema}.api_token, clock
  where hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock.now)
),
noted as (
  update {schema}.api_token
  set last_used_at = clock.now
  from valid, clock
  where api_token.id = valid.id
    and (valid.last_used_at is null or valid.last_used_at < clock.now - interval '1 minute')
)
select ${tokenColumns} from valid`,
  decodeToken,
);

/** The database's clock. $1 now. */
export const readClock: Statement<Instant> = statement(
  "read_clock",
  "select coalesce($1::timestamptz, clock_timestamp()) as now",
  (row: Row): Instant => instantOf(row, "now"),
);

/** Pauses or resumes everything. $1 whether paused, $2 now, $3 channel. */
export const setInstallationPaused: Statement<undefined> = command(
  "set_installation_paused",
  `with changed as (
  update {schema}.installation
  set paused_at = case when $1 then coalesce(paused_at, $2::timestamptz, clock_timestamp()) end
  returning paused_at
)
select pg_notify($3, 'settings') from changed`,
);

/** When everything was paused. */
export const findInstallationPaused: Statement<Instant | null> = statement(
  "find_installation_paused",
  "select paused_at from {schema}.installation",
  (row: Row): Instant | null => optionalInstant(row, "paused_at"),
);

/** Which database this is. $1 schema. */
export const describeDatabase: Statement<Omit<DatabaseInfo, "schema">> = statement(
  "describe_database",
  `select current_setting('server_version') as server_version, current_database() as database,
  pg_database_size(current_database()) as size_bytes,
  (select max(name) from {schema}.migration) as migration`,
  (row: Row) => ({
    serverVersion: textOf(row, "server_version"),
    database: textOf(row, "database"),
    migration: textOf(row, "migration"),
    sizeBytes: numberOf(row, "size_bytes"),
  }),
);
