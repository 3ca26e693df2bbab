/**
 * A scheduler with its worker on a database of its own, and a server over it. What the server
 * answers to the client is held against the schemas that the OpenAPI document consists of.
 */

import { Value } from "typebox/value";

import { listRoutes, routeTable, type OperationId } from "../../src/api/routes.ts";
import { schemas } from "../../src/api/schemas/registry.ts";
import { Orrery } from "../../src/app/orrery.ts";
import type { OrreryOptions } from "../../src/app/orrery-options.ts";
import { RemoteScheduler } from "../../src/client/remote-scheduler.ts";
import { createHttpServer, type HttpServer } from "../../src/http/server.ts";
import type { HttpServerOptions } from "../../src/http/server.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createDatabase } from "../postgres/database.ts";

/** A scheduler, and ways to it. */
export interface SchedulerRig extends AsyncDisposable {
  readonly orrery: Orrery;
  readonly server: HttpServer;
  /** The server's address. */
  readonly url: string;
  readonly remote: RemoteScheduler;
  /** Answers that broke their schema, as sentences. */
  readonly breaches: readonly string[];
  /** What the server logged as an error. */
  readonly errors: readonly string[];
}

/** Opens all of it; disposing closes it in the right order. */
export async function openSchedulerRig(
  options: OrreryOptions,
  serverOptions: Partial<HttpServerOptions> = {},
): Promise<SchedulerRig> {
  const database = await createDatabase();
  const orrery = await Orrery.open({ databaseUrl: database.connectionString, ...options });
  const errors: string[] = [];
  const server = createHttpServer({
    scheduler: orrery,
    auth: orrery,
    clock: systemClock,
    version: "test",
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => errors.push(`${message}: ${String(Object.values(fields)[0])}`),
    },
    ...serverOptions,
  });
  const { url } = await server.listen({ host: "127.0.0.1", port: 0 });
  const breaches: string[] = [];
  const remote = new RemoteScheduler({ baseUrl: url, fetch: checkingFetch(breaches) });
  return {
    orrery,
    server,
    url,
    remote,
    breaches,
    errors,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await orrery.close({ drainMs: 0 });
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The runtime's fetch, which notes each answer that breaks its schema. */
function checkingFetch(breaches: string[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const id = operationAt(init?.method ?? "GET", url);
    const route = routeTable[id];
    if (route.answers !== "json") return response;
    const schema = response.ok ? schemas[route.response ?? "EmptyBody"] : schemas.ErrorRecord;
    const body: unknown = await response.clone().json();
    for (const error of Value.Errors(schema, body)) {
      breaches.push(`${id}: ${error.instancePath} ${error.message}`);
    }
    if (response.ok && response.status !== route.status) {
      breaches.push(`${id}: status ${response.status}`);
    }
    return response;
  };
}

function operationAt(method: string, { pathname }: URL): OperationId {
  const literal = (path: string): number => path.split("{").length;
  const found = listRoutes()
    .filter(([, route]) => route.method === method)
    .toSorted(([, left], [, right]) => literal(left.path) - literal(right.path))
    .find(([, { path }]) =>
      new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
    );
  if (found === undefined) throw new RangeError(`no route for ${method} ${pathname}`);
  return found[0];
}
