/** What has been: logs, ended attempts, and the partitions that hold them. */

import type { HistoryStore, NewLogLine, RolledPartitions } from "../model/store.ts";
import { channelOf } from "./channel.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import type { Statement } from "./statement.ts";
import * as history from "./statements/history.ts";

/** Days that are added before they begin, so that a few missed rounds do no harm. */
const daysAhead = 3;

/** The history store of a session. */
export function createHistoryStore(session: Session): HistoryStore {
  return {
    appendLog: async (lines) => {
      if (lines.length === 0) return;
      await session.query(history.appendLog, [
        JSON.stringify(lines.map(lineJson)),
        session.nowParameter(),
        channelOf(session.context.schema),
      ]);
    },
    listLog: async (id, after, limit) =>
      await session.query(history.listLog, [id, after.attempt, after.seq, limit]),
    listEndedSince: async (since, limit) =>
      await session.query(history.listEndedSince, [instantParameter(since), limit]),
    rollPartitions: async () => await rollPartitions(session),
    pruneTasks: async (limit) =>
      await session.transaction(async (inside) => {
        const tops = await inside.query(history.lockOldTrees, [session.nowParameter(), limit]);
        if (tops.length === 0) return 0;
        const members = await inside.query(history.lockMembers, [tops]);
        return (await inside.queryOne(history.deleteTrees, [tops, members])) ?? 0;
      }),
  };
}

function lineJson(line: NewLogLine): object {
  return {
    run_id: line.runId,
    type_id: line.typeId,
    attempt: line.attempt,
    seq: line.seq,
    age_ms: line.ageMs,
    level: line.level,
    message: line.message,
    data: line.data,
  };
}

async function rollPartitions(session: Session): Promise<RolledPartitions> {
  const added: string[] = [];
  const dropped: string[] = [];
  for (const table of await session.query(history.listDayTables)) {
    const { parent, keyColumn, keepDays } = table;
    const now = session.nowParameter();
    // A transaction for each change: each holds its locks for as short as can be.
    for (let day = 0; day <= daysAhead; day += 1) {
      added.push(...(await alone(session, history.addDay, [parent, keyColumn, now, day])));
    }
    added.push(...(await alone(session, history.addStrayDays, [parent, keyColumn])));
    for (const part of await session.query(history.listOldDays, [parent, keepDays, now])) {
      await alone(session, history.dropDay, [part]);
      dropped.push(part);
    }
  }
  return { added: added.filter((part) => part !== ""), dropped };
}

async function alone<Decoded>(
  session: Session,
  statement: Statement<Decoded>,
  parameters: readonly unknown[],
): Promise<readonly Decoded[]> {
  return await session.transaction(async (inside) => {
    await inside.query(history.limitLockWait);
    return await inside.query(statement, parameters);
  });
}
