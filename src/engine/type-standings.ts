/**
 * Which task types have work at which level, as far as claims have told. Pure.
 * Types that have more than they gave share what the level gets. Of those that nobody has asked yet
 * the same is supposed, or those that are asked first would take everything.
 */

import type { TaskTypeId } from "../kernel/ids.ts";

/** What a claim says of a type and level that it asked. */
export interface TypeStanding {
  readonly typeId: TaskTypeId;
  /** 1 high, 2 normal, 3 low. */
  readonly level: number;
  /** Whether more is left than it gave. */
  readonly hasMore: boolean;
}

/** What the latest claim said of each type and level. */
export class TypeStandings {
  readonly #byLevel = new Map<number, Map<TaskTypeId, boolean>>();

  /** Takes what a claim said; who was not asked stays as it was. */
  note(standings: readonly TypeStanding[]): void {
    for (const { typeId, level, hasMore } of standings) {
      const known = this.#byLevel.get(level) ?? new Map<TaskTypeId, boolean>();
      known.set(typeId, hasMore);
      this.#byLevel.set(level, known);
    }
  }

  /** Nothing is known of these types any more. */
  forget(typeIds: ReadonlySet<TaskTypeId>): void {
    for (const known of this.#byLevel.values()) for (const id of typeIds) known.delete(id);
  }

  /** Whether a type shares what the level gets. */
  isSharer(typeId: TaskTypeId, level: number): boolean {
    return this.#byLevel.get(level)?.get(typeId) ?? true;
  }

  /** Whether a type is known to have work left. */
  isBusy(typeId: TaskTypeId): boolean {
    return [...this.#byLevel.values()].some((known) => known.get(typeId) === true);
  }
}
