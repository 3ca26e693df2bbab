/** The calls that are under way, so that closing can end their waits and let them finish. */

import { StateError } from "../kernel/errors.ts";

/** Lets calls through until it is closed. */
export class OpenCalls {
  readonly #controller = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  /** Aborted when closing begins; its reason is the error of every later call. */
  get closed(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Makes a call, unless closed.
   * @throws StateError `ORR_STATE_CLOSED`
   */
  async make<T>(work: () => Promise<T>): Promise<T> {
    this.refuseIfClosed();
    const call = work();
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  /** @throws StateError `ORR_STATE_CLOSED` */
  refuseIfClosed(): void {
    if (this.#controller.signal.aborted) throw closedError();
  }

  /** Refuses later calls, ends waits, and resolves when no call is under way. */
  async close(): Promise<void> {
    this.#controller.abort(closedError());
    await Promise.allSettled(this.#underWay);
  }
}

/** The same methods, each of them a call that is refused once there are to be no more. */
export function guarded<T extends object>(methods: T, calls: OpenCalls): T {
  return new Proxy(methods, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]): Promise<unknown> =>
        await calls.make(async () => {
          const answer: unknown = await Reflect.apply(method, target, given);
          return answer;
        });
    },
  });
}

function closedError(): StateError {
  return new StateError("ORR_STATE_CLOSED", "this scheduler has been closed");
}
