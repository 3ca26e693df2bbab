/**
 * Watches the only claim of a database, whose address is its argument, until the lease that it
 * finds is over: prints whether the claim was `kept` all the time, or `lost`.
 */

import pg from "pg";

const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();
const { rows } = await client.query<{ first: string }>(
  "select expires_at::text as first from orrery.claim",
);
for (let state = "kept"; ;) {
  const look = await client.query<{ over: boolean; lost: boolean }>(
    `select clock_timestamp() > $1::timestamptz as over,
       not exists (select from orrery.claim where expires_at > clock_timestamp()) as lost,
       pg_sleep(0.02)`,
    [rows[0]?.first],
  );
  if (look.rows[0]?.lost !== false) state = "lost";
  if (state === "kept" && look.rows[0]?.over !== true) continue;
  process.stdout.write(state);
  break;
}
await client.end();
