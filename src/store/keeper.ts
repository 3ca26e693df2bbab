/** The main thread's side of a lease keeper (`keeper-thread.ts`). */

import { Worker } from "node:worker_threads";
import type { LeaseKeeper, KeepRequest } from "../model/store.ts";
import type { KeeperData } from "./keeper-thread.ts";

/** Where the leases are. */
export interface KeeperPlace {
  readonly connectionString: string;
  readonly schema: string;
}

/** Starts the thread and waits until it looks; it ends with the process or by being disposed of. */
export async function startKeeper(place: KeeperPlace, request: KeepRequest): Promise<LeaseKeeper> {
  const renewals = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(renewals);
  const data: KeeperData = { ...place, ...request, renewals };
  const thread = new Worker(threadFile(), { workerData: data, execArgv: threadOptions() });
  const { promise: isReady, resolve: ready } = Promise.withResolvers<void>();
  thread.once("message", ready);
  // Without the thread only handlers that never await are worse off; the engine goes on.
  thread.on("error", ready);
  await isReady;
  thread.unref();
  return {
    noteRenewal: () => {
      Atomics.add(counter, 0, 1);
      Atomics.notify(counter, 0);
    },
    [Symbol.asyncDispose]: async () => {
      await thread.terminate();
    },
  };
}

const isSource = import.meta.url.endsWith(".ts");

/** The thread's module beside this one: its source in the repository, its output in the package. */
function threadFile(): URL {
  return new URL(`./keeper-thread.${isSource ? "ts" : "js"}`, import.meta.url);
}

/** A test runner may have turned off what runs sources unbuilt; its own options are not ours. */
function threadOptions(): string[] {
  return isSource ? ["--experimental-strip-types"] : [];
}
