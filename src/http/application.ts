/**
 * The HTTP application: every route of the table, the surfaces, and what holds for all of them
 * (who may, which bodies, one form of errors). It does not listen; `server.ts` does.
 */

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from "fastify";
import { apiPrefix, batchFactor, listRoutes, type OperationId, type Route } from "../api/routes.ts";
import type { Scheduler } from "../api/scheduler.ts";
import { schemas } from "../api/schemas/registry.ts";
import type { Surface } from "../api/surface.ts";
import { InvalidInputError, NotFoundError, type OrreryError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { isRecord } from "../kernel/json.ts";
import type { TokenRole } from "../model/worker.ts";
import type { Access, TokenHolder } from "./access.ts";
import { createDocuments } from "./documents.ts";
import {
  bodyTooLarge,
  errorReplyOf,
  isBodyTooLarge,
  isServerFault,
  mediaTypeError,
} from "./error-reply.ts";
import { eventStreamText, type ServerEvent } from "./event-stream.ts";
import { methodError } from "./get-only.ts";
import type { HttpLog } from "./http-log.ts";
import type { Metrics } from "./metrics.ts";
import type { OpenRequests } from "./open-requests.ts";
import { createOperations, type RequestContext } from "./operations.ts";
import { createProbes } from "./probes.ts";
import type { RunEventHub } from "./run-event-hub.ts";
import { securityHeaders } from "./security-headers.ts";
import { mountSurface, splitAddress } from "./surface-mount.ts";
import { parseBody, parseQuery, readTexts, refusedError } from "./validation.ts";

/** Letters of a path's parameter: a name of 200 letters, each of them escaped four times over. */
const paramLettersMax = 2_400;
/** Milliseconds in which a request must have come in whole. */
const requestMsMax = 60_000;

/** Letters of an address that logs and errors repeat. */
const addressLettersMax = 200;

/** What the application is made of. */
export interface ApplicationParts {
  readonly scheduler: Scheduler;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: HttpLog;
  readonly version: string;
  readonly metrics: Metrics;
  readonly surfaces: readonly Surface[];
  readonly bodyBytesMax: number;
  readonly openRequests: OpenRequests;
  readonly hub: RunEventHub;
}

/** The application, ready to be listened with or to have requests injected. */
export function buildApplication(parts: ApplicationParts): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: parts.bodyBytesMax,
    requestTimeout: requestMsMax,
    // In-flight requests finish; idle connections are closed by the framework.
    forceCloseConnections: "idle",
    // The framework's answer while it stops has another form than ours.
    return503OnClosing: false,
    routerOptions: { maxParamLength: paramLettersMax, querystringParser: parseQuery },
    ajv: {
      customOptions: validatorOptions,
      // Instants are read by the service, which says more than a format does.
      onCreate: (ajv) => ajv.addFormat("date-time", true),
    },
    schemaErrorFormatter: refusedError,
    frameworkErrors: (error, _request, reply) => void sendError(reply, error),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => parseBody(body),
  );
  addHooks(app, parts);
  addRoutes(app, parts);
  addSurfaces(app, parts);
  app.get("/", { exposeHeadRoute: false }, (_request, reply) => reply.redirect(`${apiPrefix}/`));
  return app;
}

/** Bytes of a body over its limit that are taken nevertheless, so that its sender is told why. */
const discardBytesMax = 268_435_456;
/** Milliseconds without a byte after which no more of such a body is waited for. */
const discardSilenceMsMax = 1_000;

/** The validator refuses and never mends: no coercion, no defaults, no removal. */
const validatorOptions = {
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  allErrors: false,
  verbose: true,
} as const;

function addHooks(app: FastifyInstance, parts: ApplicationParts): void {
  const { clock, openRequests, log, metrics } = parts;
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    if (openRequests.stopping !== undefined) throw openRequests.stopping;
    // Before the body is looked at: what is not there has no opinion on media types.
    if (request.is404) throw notFoundError(request);
  });
  app.setErrorHandler((error, request, reply) => {
    if (isServerFault(error)) {
      const what = `${request.method} ${request.url.slice(0, addressLettersMax)}`;
      log.error({ err: error }, `${what} failed`);
    }
    const isTooLarge = isBodyTooLarge(error);
    return sendError(reply, isTooLarge ? bodyTooLarge(request.routeOptions.bodyLimit) : error);
  });
  // Who is told in the middle of sending meets a closed connection instead of the answer.
  app.addHook("onSend", async (request, reply) => {
    if (reply.statusCode === 413) await discardBody(request.raw, clock);
  });
  app.setNotFoundHandler((request, reply) => sendError(reply, notFoundError(request)));
  app.addHook("onResponse", async (request, reply) => {
    // The client would keep the connection for its next request, and closing would wait for it.
    if (openRequests.stopping !== undefined) request.raw.socket.end();
    const operation = operationOf(request);
    const { statusCode: status, elapsedTime: durationMs } = reply;
    if (operation?.isStream !== true) {
      metrics.observeRequest({ operation: operation?.id ?? "other", status, durationMs });
    }
    const { method, url } = request;
    log.debug({ method, url, status, durationMs: Math.round(durationMs) }, "request answered");
  });
}

/** Takes what is still to come of a body, until its end, or until it goes on or halts too long. */
function discardBody(body: IncomingMessage, clock: Clock): Promise<void> {
  if (body.readableEnded || body.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = discardBytesMax;
    const end = (): void => {
      silence[Symbol.dispose]();
      body.off("data", take).off("end", end).off("close", end);
      resolve();
    };
    let silence = clock.schedule(discardSilenceMsMax, end);
    const take = (chunk: Buffer): void => {
      left -= chunk.length;
      silence[Symbol.dispose]();
      if (left < 0) end();
      else silence = clock.schedule(discardSilenceMsMax, end);
    };
    body.on("data", take).once("end", end).once("close", end).resume();
  });
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, headers, body } = errorReplyOf(error);
  return reply
    .headers({ ...securityHeaders, ...headers })
    .code(status)
    .send(body);
}

interface RouteConfig {
  readonly id: OperationId;
  readonly isStream: boolean;
}

function operationOf(request: FastifyRequest): RouteConfig | undefined {
  const config: unknown = request.routeOptions.config;
  return isRecord(config) && isRouteConfig(config["operation"]) ? config["operation"] : undefined;
}

function isRouteConfig(value: unknown): value is RouteConfig {
  return isRecord(value) && "id" in value && "isStream" in value;
}

/** The error for a path that is not there, or that takes other methods. */
function notFoundError(request: FastifyRequest): OrreryError {
  const { path } = splitAddress(request.url);
  const allowed = listRoutes()
    .filter(([, route]) => patternOf(route).test(path))
    .flatMap(([, route]) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  if (allowed.length > 0) return methodError(request.method, allowed);
  const value = path.slice(0, addressLettersMax);
  return new NotFoundError("ORR_NOT_FOUND_ROUTE", `there is nothing at ${value}`, {
    details: { field: "path", value },
  });
}

/** A path of the table as a pattern; segments of a path never hold a slash. */
function patternOf(route: Route): RegExp {
  return new RegExp(`^${apiPrefix}${route.path.replace(/\{\w+\}/g, "[^/]+")}$`);
}

function addRoutes(app: FastifyInstance, parts: ApplicationParts): void {
  const operations = createOperations(parts.scheduler, parts.hub);
  for (const [id, route] of listRoutes()) {
    // Each operation takes what the schemas of its own route have checked; a loop over all of
    // them cannot say so to the compiler.
    const operation = operations[id] as CheckedOperation;
    app.route(routeOptionsOf({ id, route, operation }, parts));
  }
}

/** An operation whose request has been checked by its schemas. */
type CheckedOperation = (request: object, context: RequestContext) => Promise<unknown>;

function routeOptionsOf(
  { id, route, operation }: { id: OperationId; route: Route; operation: CheckedOperation },
  parts: ApplicationParts,
): RouteOptions {
  const { openRequests } = parts;
  return {
    method: route.method,
    url: `${apiPrefix}${route.path.replace(/\{(\w+)\}/g, ":$1")}`,
    exposeHeadRoute: route.method === "GET",
    schema: schemaOf(route),
    ...(route.takesBatch === true ? { bodyLimit: batchFactor * parts.bodyBytesMax } : {}),
    config: { operation: { id, isStream: route.answers === "events" } satisfies RouteConfig },
    onRequest: async (request) => {
      const caller = await admit(parts.access, { request, role: route.role });
      if (route.body !== undefined) checkMediaType(request);
      if (route.method !== "GET") noteCaller(parts.log, { id, caller });
    },
    preValidation: async (request) => {
      request.params = readTexts(request.params, { schema: schemaNamed(route.params) });
      request.query = readTexts(request.query, { schema: schemaNamed(route.query) });
      if (route.body !== undefined) request.body ??= {};
    },
    handler: async (request, reply) => {
      const context = {
        signal: openRequests.open(reply.raw),
        lastEventId: textOf(request.headers["last-event-id"]),
      };
      const { params, query, body } = request;
      const answer = await operation({ params, query, body }, context);
      reply.code(route.status);
      if (route.answers === "nothing") return reply.send();
      if (route.answers === "json") return answer;
      reply.headers(eventHeaders);
      // A stream has no end that a HEAD could wait for; it has not begun either.
      if (request.method === "HEAD") return reply.send();
      return sendEvents(reply, { events: eventsOf(answer), id, ...context }, parts);
    },
  };
}

function schemaOf(route: Route): NonNullable<RouteOptions["schema"]> {
  return {
    // A route without parameters takes none: a query that does nothing is a mistake.
    querystring: schemaNamed(route.query) ?? schemas.EmptyBody,
    ...(route.params === undefined ? {} : { params: schemaNamed(route.params) }),
    ...(route.body === undefined ? {} : { body: schemaNamed(route.body) }),
  };
}

function schemaNamed(name: Route["params"]): object | undefined {
  return name === undefined ? undefined : schemas[name];
}

function admit(
  access: Access,
  { request, role }: { readonly request: FastifyRequest; readonly role: TokenRole },
): Promise<TokenHolder> {
  const { authorization, host, origin } = request.headers;
  return access.admit({ authorization, host, origin }, role);
}

/** A page of another site can post any other type without asking; JSON it cannot. */
function checkMediaType(request: FastifyRequest): void {
  const type = request.headers["content-type"];
  if (type === undefined || !/^application\/json *(;|$)/i.test(type)) throw mediaTypeError(type);
}

function noteCaller(
  log: HttpLog,
  { id, caller }: { readonly id: OperationId; readonly caller: TokenHolder },
): void {
  log.info({ operation: id, by: caller.name, role: caller.role }, "operation asked for");
}

function eventsOf(answer: unknown): AsyncIterable<ServerEvent> {
  if (isEvents(answer)) return answer;
  throw new InvalidInputError("ORR_INPUT_INVALID", "this route has no events");
}

function isEvents(value: unknown): value is AsyncIterable<ServerEvent> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

const eventHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  // Proxies that buffer would hold events back.
  "x-accel-buffering": "no",
};

function sendEvents(
  reply: FastifyReply,
  stream: RequestContext & {
    readonly id: OperationId;
    readonly events: AsyncIterable<ServerEvent>;
  },
  { clock, log }: ApplicationParts,
): FastifyReply {
  const text = eventStreamText(stream.events, {
    finite: stream.id === "followLogs",
    clock,
    signal: stream.signal,
    onFailure: (thrown) => log.warn({ err: thrown }, `the stream ${stream.id} broke off`),
  });
  return reply.send(Readable.from(text, { objectMode: false }));
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function addSurfaces(app: FastifyInstance, parts: ApplicationParts): void {
  const { access, clock, metrics, openRequests, scheduler, version } = parts;
  const surfaces = [
    createDocuments({ version, tokenNeeded: () => access.tokenNeeded }),
    ...createProbes({
      scheduler,
      clock,
      version,
      metrics,
      stopping: () => openRequests.stopping,
    }),
    ...parts.surfaces,
  ];
  for (const surface of surfaces) {
    mountSurface(app, {
      surface,
      openRequests,
      notFound: notFoundError,
      admit: async (request) => {
        if (surface.role !== null) await admit(access, { request, role: surface.role });
      },
    });
  }
}
