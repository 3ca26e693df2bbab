/**
 * Months of runs of the Software Heritage scheduler. Those that nobody keeps any more are taken out
 * of the table, which is short; then the tasks that ended with them are deleted, range by range;
 * then they are dropped.
 */

import type { SwhRolledRuns, SwhRunHistory } from "../model/swh-task.ts";
import type { Session } from "./session.ts";
import type { Statement } from "./statement.ts";
import { dropDay, limitLockWait } from "./statements/history.ts";
import * as months from "./statements/swh-run-month.ts";

/** Tasks that one statement looks at, and statements of one call at most. */
const rangeMax = 1_000;
const rangeCountMax = 20;

/** Months that one call adds or takes out at most. */
const monthCountMax = 24;

/** The months of a session's schema. */
export class SwhRunMonths implements SwhRunHistory {
  readonly #session: Session;
  /** How far the tasks of a month were looked at; whoever does not know begins again. */
  readonly #reached = new Map<string, string>();

  constructor(session: Session) {
    this.#session = session;
  }

  async keepRuns(days: number | null): Promise<void> {
    await this.#session.query(months.keepSwhRuns, [days]);
  }

  async rollRuns(): Promise<SwhRolledRuns> {
    const isLimited = await this.#session.queryOne(months.findSwhRunLimit, []);
    if (isLimited !== true) return { added: [], dropped: [], tasks: 0, isDone: true };
    const added = await this.#repeated(months.addSwhRunMonth);
    await this.#repeated(months.takeOutSwhRunMonth);
    return { added, ...(await this.#dropTaken()) };
  }

  /** Does the same until there is nothing left to do; answers what it was done to. */
  async #repeated(statement: Statement<string | null>): Promise<readonly string[]> {
    const parts: string[] = [];
    while (parts.length < monthCountMax) {
      const part = await this.#alone(statement, [this.#session.nowParameter()]);
      if (part === null || part === undefined) break;
      parts.push(part);
    }
    return parts;
  }

  async #dropTaken(): Promise<Omit<SwhRolledRuns, "added">> {
    const dropped: string[] = [];
    let tasks = 0;
    let rangesLeft = rangeCountMax;
    for (const part of await this.#session.query(months.listTakenSwhRunMonths, [])) {
      let after: string | null = this.#reached.get(part) ?? "-1";
      for (; after !== null; rangesLeft -= 1) {
        if (rangesLeft === 0) return { dropped, tasks, isDone: false };
        this.#reached.set(part, after);
        const pruned: months.PrunedSwhTasks | undefined = await this.#session.queryOne(
          months.pruneSwhTasks,
          [part, after, rangeMax],
        );
        tasks += pruned?.deleted ?? 0;
        after = pruned?.lastId ?? null;
      }
      await this.#alone(dropDay, [part]);
      this.#reached.delete(part);
      dropped.push(part);
    }
    return { dropped, tasks, isDone: true };
  }

  /** In a transaction that gives up soon where it would hold up those who run. */
  async #alone<Decoded>(
    statement: Statement<Decoded>,
    parameters: readonly unknown[],
  ): Promise<Decoded | undefined> {
    return await this.#session.transaction(async (inside) => {
      await inside.query(limitLockWait);
      return await inside.queryOne(statement, parameters);
    });
  }
}
