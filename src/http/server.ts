/** The HTTP server of an installation: listens, answers, and stops without dropping anything. */

import type { FastifyInstance } from "fastify";
import type { Scheduler } from "../api/scheduler.ts";
import type { Surface } from "../api/surface.ts";
import type { Clock } from "../kernel/clock.ts";
import { ConfigError, messageOf } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";
import { Access, type Authenticator, isLoopback } from "./access.ts";
import { buildApplication } from "./application.ts";
import type { HttpLog } from "./http-log.ts";
import { Metrics } from "./metrics.ts";
import { OpenRequests } from "./open-requests.ts";
import { RunEventHub } from "./run-event-hub.ts";

/** What a server is made of. */
export interface HttpServerOptions {
  readonly scheduler: Scheduler;
  readonly auth: Authenticator;
  readonly clock: Clock;
  readonly log: HttpLog;
  /** Of this package. */
  readonly version: string;
  /** Share it with the engine of this process, which reports attempts. @defaultValue a new one */
  readonly metrics?: Metrics;
  /** Further interfaces. @defaultValue none */
  readonly surfaces?: readonly Surface[];
  /** Asks for a token on loopback too. @defaultValue false */
  readonly requireToken?: boolean;
  /** Host names of requests without token, besides those of loopback. @defaultValue none */
  readonly allowedHosts?: readonly string[];
  /** Bytes of a body; one that holds a list may be 8 times as large. @defaultValue 4 MiB */
  readonly bodyBytesMax?: number;
}

/** Defaults of the options. */
export const httpServerDefaults = {
  requireToken: false,
  allowedHosts: [],
  bodyBytesMax: 4_194_304,
} as const;

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** A server; disposing it closes it. */
export interface HttpServer extends AsyncDisposable {
  /** For requests without a socket. */
  readonly app: FastifyInstance;
  /**
   * Begins to listen; answers where, with the port that was taken.
   * @throws ConfigError `ORR_CONFIG_LISTEN` for an address beyond loopback without a valid token
   * @throws ConfigError `ORR_CONFIG_PORT` when the port is taken or not allowed
   */
  listen(address: ListenAddress): Promise<ListenAddress & { readonly url: string }>;
  /** Ends streams and waits, lets other requests finish, then stops. Idempotent. */
  close(): Promise<void>;
}

/** Makes a server that does not listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { scheduler, clock, log, version } = options;
  const settings = { ...httpServerDefaults, ...options };
  const access = new Access(settings);
  const openRequests = new OpenRequests();
  const hub = new RunEventHub({
    follow: (from) => scheduler.followRuns(from),
    clock,
    log,
  });
  const app = buildApplication({
    scheduler,
    access,
    clock,
    log,
    version,
    metrics: options.metrics ?? new Metrics({ version }),
    surfaces: options.surfaces ?? [],
    bodyBytesMax: settings.bodyBytesMax,
    openRequests,
    hub,
  });
  const close = async (): Promise<void> => {
    openRequests.stop();
    hub.stop();
    await app.close();
  };
  return {
    app,
    listen: async (address) => {
      if (!isLoopback(address.host)) await checkHasToken(scheduler, address);
      access.listensOn(address.host);
      return listenOn(app, address);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Without a token nobody could use the server, and somebody would come to switch checks off. */
async function checkHasToken(scheduler: Scheduler, { host }: ListenAddress): Promise<void> {
  const [tokens, { now }] = await Promise.all([scheduler.listTokens(), scheduler.getSystem()]);
  // Instants of one width compare as text.
  const hasValid = tokens.some(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
  );
  if (hasValid) return;
  throw new ConfigError(
    "ORR_CONFIG_LISTEN",
    `${host} can be reached from other machines, which needs an API token: make one with ` +
      "`orrery token create`, or listen on 127.0.0.1",
    { details: { field: "host", value: host } },
  );
}

/**
 * Begins to listen; answers where, with the port that was taken.
 * @throws ConfigError `ORR_CONFIG_PORT` `ORR_CONFIG_LISTEN`
 */
export async function listenOn(
  app: FastifyInstance,
  { host, port }: ListenAddress,
): Promise<ListenAddress & { readonly url: string }> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, { host, port });
  }
  const taken = app.addresses()[0]?.port ?? port;
  const name = host.includes(":") ? `[${host}]` : host;
  return { host, port: taken, url: `http://${name}:${taken}` };
}

function listenError(thrown: unknown, { host, port }: ListenAddress): ConfigError {
  const context = { details: { host, port }, cause: thrown };
  switch (isRecord(thrown) ? thrown["code"] : undefined) {
    case "EADDRINUSE":
      return new ConfigError(
        "ORR_CONFIG_PORT",
        `port ${port} on ${host} is taken: stop what uses it (another orrery serve?), or choose ` +
          "another port with --port or ORRERY_PORT",
        context,
      );
    case "EACCES":
      return new ConfigError(
        "ORR_CONFIG_PORT",
        `port ${port} needs more rights: choose one from 1024 on with --port or ORRERY_PORT`,
        context,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(
        "ORR_CONFIG_LISTEN",
        `this machine has no address ${host}: choose another with --host`,
        context,
      );
    default:
      return new ConfigError(
        "ORR_CONFIG_PORT",
        `cannot listen on ${host}, port ${port}: ${messageOf(thrown)}`,
        context,
      );
  }
}
