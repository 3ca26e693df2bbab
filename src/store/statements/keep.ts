/** Renewing on behalf of a worker whose main thread is busy. */

import { command, type Statement } from "../statement.ts";

/** Extends all leases of worker $1 that have not expired, by $2 milliseconds. */
export const keepClaims: Statement<undefined> = command(
  "keep_claims",
  `update {schema}.claim
set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
where worker_id = $1 and expires_at > clock_timestamp()`,
);

/** Extends the life of worker $1, if it has not ended, by $2 milliseconds. */
export const keepWorker: Statement<undefined> = command(
  "keep_worker",
  `update {schema}.worker
set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
where id = $1 and state in ('live', 'draining')`,
);
