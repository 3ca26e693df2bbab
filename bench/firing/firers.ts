/** Starts firing processes, listens to them, and ends them. */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { type Place, stopMessage, type Told } from "./messages.ts";

/** Milliseconds without a batch after which waiting for more is a failure. */
const silenceMsMax = 120_000;

/** So many firing processes on one place; disposing ends them. */
export class Firers implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];
  readonly #listeners = new Set<(told: Told) => void>();

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const child of children) {
      child.on("message", (told: Told) => {
        for (const listener of this.#listeners) listener(told);
      });
    }
  }

  /** Resolves when all of them fire. */
  static async start(place: Place, count: number): Promise<Firers> {
    const program = path.join(import.meta.dirname, "firer.ts");
    const options = { execArgv: ["--conditions=orrery-source"] };
    const children = Array.from({ length: count }, () =>
      fork(program, [place.url, place.schema], options),
    );
    const firers = new Firers(children);
    let missing = count;
    await firers.#listen((told) => {
      missing -= told.kind === "ready" ? 1 : 0;
      return missing === 0;
    });
    return firers;
  }

  /** Resolves when `count` triggers have fired in all, with the time of the last batch's commit. */
  async fired(count: number): Promise<number> {
    let missing = count;
    let lastMs = 0;
    await this.#listen((told) => {
      if (told.kind !== "fired") return false;
      missing -= told.count;
      lastMs = Math.max(lastMs, told.atMs);
      return missing <= 0;
    });
    return lastMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null) return;
        const ended = once(child, "exit");
        child.send(stopMessage);
        await ended;
      }),
    );
  }

  /** Until `take` has had enough; a failure of any process, or silence, is one of the bench. */
  async #listen(take: (told: Told) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const tooLate = (): void => reject(new Error("the firing processes fell silent"));
    const timer = setTimeout(tooLate, silenceMsMax);
    const died = (): void => reject(new Error("a firing process ended by itself"));
    const listener = (told: Told): void => {
      timer.refresh();
      if (told.kind === "failed") reject(new Error(told.message));
      else if (take(told)) resolve(undefined);
    };
    this.#listeners.add(listener);
    for (const child of this.#children) child.once("exit", died);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
      for (const child of this.#children) child.off("exit", died);
    }
  }
}
