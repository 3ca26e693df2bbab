/** The queues of visits of this process, over its store. */

import type { RefillRecord, VisitQueueRecord, Visits } from "../api/visits.ts";
import { invalidField } from "../kernel/fields.ts";
import { nearestNames, suggestionOf } from "../kernel/nearest-names.ts";
import type { Store } from "../model/store.ts";
import type { Visiting, VisitSetting } from "../model/visiting.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What it stands on. */
export interface LocalVisitsParts {
  readonly store: Store;
  readonly visiting: Visiting;
  readonly calls: OpenCalls;
}

/** The queues that the process was opened with. */
export class LocalVisits implements Visits {
  readonly #parts: LocalVisitsParts;

  constructor(parts: LocalVisitsParts) {
    this.#parts = parts;
  }

  async list(): Promise<readonly VisitQueueRecord[]> {
    const { calls, store, visiting } = this.#parts;
    const { settings } = visiting;
    return await calls.make(() => Promise.all(settings.map((each) => recordOf(store, each))));
  }

  async refill(visitType: string): Promise<RefillRecord> {
    const { calls, visiting } = this.#parts;
    const setting = settingOf(visiting, visitType);
    return await calls.make(() => visiting.refill(setting));
  }
}

function settingOf({ settings }: Visiting, visitType: string): VisitSetting {
  const found = settings.find((each) => each.visitType === visitType);
  if (found !== undefined) return found;
  const names = settings.map((each) => each.visitType);
  const hint = suggestionOf(nearestNames(visitType, names));
  const expected = `a visit type that the option visits names${hint}`;
  throw invalidField("visitType", { expected, value: visitType });
}

async function recordOf(store: Store, setting: VisitSetting): Promise<VisitQueueRecord> {
  const { visitType, task, queueLength, policies } = setting;
  const type = await store.taskTypes.find(task);
  const total = policies.reduce((sum, { weight }) => sum + weight, 0);
  return {
    visitType,
    task,
    queueLength,
    unfinishedCount:
      type === undefined ? 0 : await store.visitQueue.countUnfinished(type.id, queueLength),
    shares: Object.fromEntries(policies.map(({ policy, weight }) => [policy, weight / total])),
  };
}
