/** The systems that are compared. */

import type { RedisServer } from "./redis-server.ts";
import { bullmqOnPostgres, bullmqOnRedis } from "./system-bullmq.ts";
import { graphile } from "./system-graphile.ts";
import { orrery } from "./system-orrery.ts";
import { pgBoss } from "./system-pg-boss.ts";
import { raw } from "./system-raw.ts";
import type { System } from "./system.ts";

/** All of them, the one on Redis where there is a server. */
export function listSystems(redis: RedisServer | undefined): readonly System[] {
  return [
    orrery,
    graphile,
    pgBoss,
    bullmqOnPostgres,
    ...(redis === undefined ? [] : [bullmqOnRedis(redis)]),
    raw,
  ];
}
