/**
 * A server of one surface and nothing else, on a port of its own: for interfaces whose clients know
 * neither our paths nor our tokens. Who may come is decided by address, by token (which such
 * clients send as the password of basic authentication), or by both.
 */

import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Surface } from "../api/surface.ts";
import { AccessError, ConfigError, NotFoundError } from "../kernel/errors.ts";
import { Access, type Authenticator, isLoopback } from "./access.ts";
import type { AddressList } from "./address-list.ts";
import { refusalOf } from "./error-reply.ts";
import type { HttpLog } from "./http-log.ts";
import { OpenRequests } from "./open-requests.ts";
import { securityHeaders } from "./security-headers.ts";
import { type ListenAddress, listenOn } from "./server.ts";
import { answerWith, mountSurface } from "./surface-mount.ts";

/** Milliseconds in which a request must have come in whole. */
const requestMsMax = 60_000;

/** What such a server is made of. */
export interface SurfaceServerOptions {
  /** With an empty prefix, and with a form of its own for refusals. */
  readonly surface: Surface & Required<Pick<Surface, "refuse">>;
  /** Where it is going to listen, which decides who may come. */
  readonly address: ListenAddress;
  readonly auth: Authenticator;
  readonly log: HttpLog;
  /** Those who may come, besides this machine; an empty list lets anybody come who has a token. */
  readonly allow: AddressList;
  /** Whether everybody needs a token. */
  readonly requireToken: boolean;
  /** Host names of requests without token on loopback, besides those of loopback. */
  readonly allowedHosts: readonly string[];
}

/** A server; disposing it closes it. */
export interface SurfaceServer extends AsyncDisposable {
  /** For requests without a socket. */
  readonly app: FastifyInstance;
  /**
   * Begins to listen; answers where, with the port that was taken.
   * @throws ConfigError `ORR_CONFIG_PORT` `ORR_CONFIG_LISTEN`
   */
  listen(): Promise<ListenAddress & { readonly url: string }>;
  /** Lets requests finish, then stops. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a server that does not listen yet.
 * @throws ConfigError `ORR_CONFIG_LISTEN` beyond loopback with neither addresses nor tokens
 */
export function createSurfaceServer(options: SurfaceServerOptions): SurfaceServer {
  const openRequests = new OpenRequests();
  const gate = new Gate(options);
  const app = buildApp(options, { openRequests, gate });
  const close = async (): Promise<void> => {
    openRequests.stop();
    await app.close();
  };
  return {
    app,
    listen: async () => await listenOn(app, options.address),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function buildApp(
  { surface, log }: SurfaceServerOptions,
  { openRequests, gate }: { readonly openRequests: OpenRequests; readonly gate: Gate },
): FastifyInstance {
  const app = fastify({
    logger: false,
    requestTimeout: requestMsMax,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) =>
      void answerWith(reply, surface.refuse(refusalOf(error))),
  });
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(securityHeaders);
    if (openRequests.stopping !== undefined) throw openRequests.stopping;
  });
  app.addHook("onResponse", async (request, reply) => {
    // The client would keep the connection for its next request, and closing would wait for it.
    if (openRequests.stopping !== undefined) request.raw.socket.end();
    const { method, url } = request;
    const facts = { method, url, status: reply.statusCode };
    log.debug({ ...facts, durationMs: Math.round(reply.elapsedTime) }, "request answered");
  });
  app.setErrorHandler((error, _request, reply) =>
    answerWith(reply, surface.refuse(refusalOf(error))),
  );
  mountSurface(app, {
    surface,
    openRequests,
    notFound: () => new NotFoundError("ORR_NOT_FOUND_ROUTE", "there is nothing at this address"),
    admit: async (request) => await gate.admit(request),
  });
  return app;
}

/** Decides on each request. */
class Gate {
  readonly #options: SurfaceServerOptions;
  readonly #access: Access;
  readonly #isLocal: boolean;

  constructor(options: SurfaceServerOptions) {
    const { allow, requireToken, address } = options;
    const { host } = address;
    this.#options = options;
    this.#access = new Access(options);
    this.#isLocal = isLoopback(host);
    this.#access.listensOn(host);
    if (this.#isLocal || requireToken || !allow.isEmpty) return;
    throw new ConfigError(
      "ORR_CONFIG_LISTEN",
      `${host} can be reached from other machines: say which addresses may come, or ask for tokens`,
      { details: { field: "host", value: host } },
    );
  }

  /** @throws AccessError `ORR_ACCESS_UNAUTHENTICATED` `ORR_ACCESS_FORBIDDEN` */
  async admit(request: FastifyRequest): Promise<void> {
    const { allow, requireToken, surface } = this.#options;
    const { authorization, host, origin } = request.headers;
    if (!allow.isEmpty && !allow.has(request.ip)) {
      throw new AccessError("ORR_ACCESS_FORBIDDEN", `${request.ip} is not among the addresses`);
    }
    const isByAddress = !this.#isLocal && !requireToken && authorization === undefined;
    if (isByAddress) {
      // Only browsers send it, and no page has business here.
      if (origin === undefined) return;
      throw new AccessError("ORR_ACCESS_FORBIDDEN", "pages of browsers are not answered here");
    }
    await this.#access.admit({ authorization, host, origin }, surface.role ?? "viewer");
  }
}
