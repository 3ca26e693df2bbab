/**
 * Nodes that a program adds to the graph of its run: one addition after another, in the order in
 * which it named them, while it runs on. It has no way to hear of a refusal, so that one fails its
 * run; what was added before stays, and is left as it is when the run is tried again.
 */

import { messageOf } from "../../kernel/errors.ts";
import type { GraphAccess, NodeAddition } from "../../model/graph.ts";
import type { ClaimedRun } from "../../model/run.ts";
import type { AttemptLog } from "../attempt/attempt-log.ts";

/** Where the nodes go, for whom, and who is told. */
export interface AdditionsOptions {
  readonly graphs: Pick<GraphAccess, "addNodes">;
  readonly run: ClaimedRun;
  readonly log: AttemptLog;
}

/** The additions of one attempt. */
export class Additions {
  readonly #options: AdditionsOptions;
  #last: Promise<void> = Promise.resolve();
  #refusal: { readonly thrown: unknown } | undefined;

  constructor(options: AdditionsOptions) {
    this.#options = options;
  }

  /** Adds nodes when those named before are there; none any more after a refusal. */
  add(addition: NodeAddition): void {
    this.#last = this.#last.then(() => this.#store(addition));
  }

  /** Resolves when all is done, with what was thrown where an addition was refused. */
  async settled(): Promise<{ readonly thrown: unknown } | undefined> {
    await this.#last;
    return this.#refusal;
  }

  async #store(addition: NodeAddition): Promise<void> {
    if (this.#refusal !== undefined) return;
    const { graphs, run, log } = this.#options;
    try {
      const names = await graphs.addNodes(run, addition);
      log.line("info", `nodes added to the graph: ${names.length}`);
    } catch (thrown) {
      this.#refusal = { thrown };
      log.notice("error", `nodes were not added to the graph: ${messageOf(thrown)}`);
    }
  }
}
