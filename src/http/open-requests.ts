/** The requests that are being answered: each has a signal, and stopping the server ends them. */

import { type OrreryError, StoreError } from "../kernel/errors.ts";

/** As much of a response as says that its client has gone. */
export interface ClosableResponse {
  once(event: "close", listener: () => void): unknown;
}

/** All requests that have a signal. */
export class OpenRequests {
  readonly #controllers = new Set<AbortController>();
  #stopping: OrreryError | undefined;

  /** Why requests are refused; undefined while the server runs. */
  get stopping(): OrreryError | undefined {
    return this.#stopping;
  }

  /** A signal that is aborted when the client has gone or the server stops. */
  open(response: ClosableResponse): AbortSignal {
    const controller = new AbortController();
    this.#controllers.add(controller);
    response.once("close", () => {
      this.#controllers.delete(controller);
      controller.abort();
    });
    if (this.#stopping !== undefined) controller.abort(this.#stopping);
    return controller.signal;
  }

  /** Ends all waits and streams; what is nearly done gets done. */
  stop(): void {
    this.#stopping ??= new StoreError("ORR_STORE_UNAVAILABLE", "the server is stopping", {
      transient: true,
    });
    for (const controller of this.#controllers) controller.abort(this.#stopping);
  }
}
