/**
 * Where the runs of a type and level begin that are not claimed yet. Before that there may be
 * millions of entries of runs that have ended and that the database cannot clear away while an old
 * transaction is open, so no scan begins further ahead than it must. Pure.
 */

import type { TaskTypeId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimBound } from "../model/claim-request.ts";

/** The bounds that a worker has learnt. */
export class ClaimBounds {
  readonly #bounds = new Map<string, ClaimBound>();

  /** The due time to scan from; null for the beginning. */
  find(typeId: TaskTypeId, level: number): Instant | null {
    return this.#bounds.get(keyOf(typeId, level))?.dueFrom ?? null;
  }

  /** All that are known. */
  list(): readonly ClaimBound[] {
    return [...this.#bounds.values()];
  }

  /** Nothing before the bound is left. */
  set(bound: ClaimBound): void {
    this.#bounds.set(keyOf(bound.typeId, bound.level), bound);
  }

  /** Something may be left anywhere, of one type and level. */
  delete(typeId: TaskTypeId, level: number): void {
    this.#bounds.delete(keyOf(typeId, level));
  }

  /** Something may be left anywhere, of these types. */
  deleteTypes(typeIds: ReadonlySet<TaskTypeId>): void {
    for (const { typeId, level } of this.list()) {
      if (typeIds.has(typeId)) this.delete(typeId, level);
    }
  }

  /** Something has come in that is due then, of any type; undefined for at any time. */
  lower(dueFrom: Instant | undefined): void {
    if (dueFrom === undefined) this.#bounds.clear();
    else {
      for (const bound of this.list()) if (dueFrom < bound.dueFrom) this.set({ ...bound, dueFrom });
    }
  }
}

function keyOf(typeId: TaskTypeId, level: number): string {
  return `${typeId}/${level}`;
}
