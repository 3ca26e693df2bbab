/** The local scheduler on a database of its own, and a server of both dialects over it. */

import {
  createLocalSwhScheduler,
  type LocalSwhOptions,
  type LocalSwhScheduler,
} from "../../src/compat/swh/local-scheduler.ts";
import { swhRpcRoutes } from "../../src/compat/swh/rpc/routes.ts";
import { dialectNames } from "../../src/compat/swh/wire/dialects.ts";
import { RemoteScheduler } from "../../src/client/remote-scheduler.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { messageOf } from "../../src/kernel/errors.ts";
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";
import type { Store } from "../../src/model/store.ts";
import { openStore } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";

/** A scheduler, and ways to it. */
export interface SwhRig extends AsyncDisposable {
  readonly scheduler: LocalSwhScheduler;
  readonly store: Store;
  readonly database: TestDatabase;
  /** Where the dialects are mounted, without a slash at the end. */
  readonly urls: Readonly<Record<"current" | "seed", string>>;
  /** Errors that the server took for bugs. */
  readonly failures: readonly string[];
  /** Sets the time that rules in place of the database's clock; null gives it back. */
  setNow(text: string | null): void;
}

/** Opens all of it. */
export async function openSwhRig(options: Partial<LocalSwhOptions> = {}): Promise<SwhRig> {
  const database = await createDatabase();
  let now: Instant | null = null;
  const store = await openStore({
    connectionString: database.connectionString,
    clock: systemClock,
    now: () => now,
  });
  const scheduler = createLocalSwhScheduler({ store, ...options });
  const failures: string[] = [];
  const onFailure = (thrown: unknown): void => void failures.push(messageOf(thrown));
  const prefixes = { current: "/swh", seed: "/swh-seed" } as const;
  const server = createHttpServer({
    // The native interface is not asked for anything here.
    scheduler: new RemoteScheduler({ baseUrl: "http://127.0.0.1:1", retryCount: 0 }),
    auth: { findTokenBySecret: () => Promise.resolve(undefined) },
    clock: systemClock,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (_fields, message) => failures.push(message),
    },
    version: "test",
    surfaces: dialectNames.map((dialect) =>
      swhRpcRoutes({ scheduler, dialect, prefix: prefixes[dialect], onFailure }),
    ),
  });
  const { url } = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    scheduler,
    store,
    database,
    urls: { current: `${url}${prefixes.current}`, seed: `${url}${prefixes.seed}` },
    failures,
    setNow: (text) => {
      now = text === null ? null : parseInstant(text);
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
