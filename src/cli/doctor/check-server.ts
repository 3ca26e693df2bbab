/** Does a server answer, and does it get work done? */

import type { Scheduler } from "../../api/scheduler.ts";
import { doubtful, failedBy, fine, type Finding } from "./finding.ts";

/** The finding on a server. */
export async function checkServer(server: {
  readonly baseUrl: string;
  readonly scheduler: Scheduler;
}): Promise<Finding> {
  const { baseUrl, scheduler } = server;
  try {
    const system = await scheduler.getSystem();
    const live = system.workers.filter(({ state }) => state === "live").length;
    const message =
      `${baseUrl} runs ${system.version} on PostgreSQL ${system.database.serverVersion}` +
      `, ${live} live worker(s)`;
    if (system.pausedAt !== null) {
      const advice = "`orrery resume` lets everything go on";
      return doubtful("server", { message: `${message}; everything is paused`, advice });
    }
    if (live > 0) return fine("server", message);
    return doubtful("server", { message, advice: "start a worker: `orrery worker`" });
  } catch (error) {
    return failedBy("server", error);
  }
}
