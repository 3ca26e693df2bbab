/** How an attempt is asked to stop. */

/**
 * Whether an attempt is to stop, and why. One listener, who knows it before the code of the attempt
 * does, and the standard signal for that code.
 */
export class StopRequest {
  #reason: Error | undefined;
  #listener: (() => void) | undefined;
  #controller: AbortController | undefined;

  /** Why the attempt is to stop; undefined as long as it is not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** The same as a standard signal, made when it is asked for first. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Has `listener` called once when the attempt is asked; it takes the place of an earlier one. */
  onAsked(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  /** Asks the attempt to stop; only the first reason counts. */
  ask(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#listener?.();
    this.#listener = undefined;
    this.#controller?.abort(reason);
  }
}
