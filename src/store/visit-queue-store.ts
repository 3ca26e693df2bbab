/** The queues of visits: the port over its statements. */

import { present } from "../kernel/assert.ts";
import type { Store, VisitQueueStore } from "../model/store.ts";
import type { Session } from "./session.ts";
import { planSettings } from "./statements/frontier-choose.ts";
import { lockTaskTypes } from "./statements/task-type.ts";
import { countVisitQueue } from "./statements/visit-queue.ts";

/** The store of a session; `storeOn` gives the whole store of a session inside a transaction. */
export function createVisitQueueStore(
  session: Session,
  storeOn: (inside: Session) => Store,
): VisitQueueStore {
  return {
    countUnfinished: async (typeId, limit) =>
      present(await session.queryOne(countVisitQueue, [typeId, limit]), "the count"),
    fill: async (typeId, work) =>
      await session.transaction(async (inside) => {
        await inside.query(lockTaskTypes, [[typeId]]);
        return await work(storeOn(inside));
      }, planSettings),
  };
}
