/** Mounts surfaces: what the HTTP framework has read becomes bytes, and bytes its answer. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Surface, SurfaceRequest, SurfaceResponse } from "../api/surface.ts";
import { refusalOf } from "./error-reply.ts";
import type { OpenRequests } from "./open-requests.ts";

/** What the server does for every surface. */
export interface MountOptions {
  readonly surface: Surface;
  readonly openRequests: OpenRequests;
  /** Runs before the body is read; rejects to refuse. */
  readonly admit: (request: FastifyRequest) => Promise<unknown>;
  /** The error for a path that the surface does not have. */
  readonly notFound: (request: FastifyRequest) => Error;
}

/** Mounts one surface under its prefix, in a scope of its own: only there are bodies left raw. */
export function mountSurface(app: FastifyInstance, options: MountOptions): void {
  const { surface, admit } = options;
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    if (surface.refuse !== undefined) {
      const refuse = surface.refuse.bind(surface);
      scope.setErrorHandler((error, _request, reply) =>
        answerWith(reply, refuse(refusalOf(error))),
      );
    }
    const { bodyBytesMax } = surface;
    for (const url of [surface.prefix === "" ? "/" : surface.prefix, `${surface.prefix}/*`]) {
      scope.route({
        method: [...scope.supportedMethods],
        url,
        exposeHeadRoute: false,
        ...(bodyBytesMax === undefined ? {} : { bodyLimit: bodyBytesMax }),
        onRequest: async (request) => {
          await admit(request);
        },
        handler: (request, reply) => answer(request, reply, options),
      });
    }
    done();
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { surface, openRequests, notFound }: MountOptions,
): Promise<FastifyReply> {
  const signal = openRequests.open(reply.raw);
  const response = await surface.handle(surfaceRequestOf(request, { surface, signal }));
  if (response === undefined) throw notFound(request);
  return answerWith(reply, response);
}

function surfaceRequestOf(
  request: FastifyRequest,
  { surface, signal }: { readonly surface: Surface; readonly signal: AbortSignal },
): SurfaceRequest {
  const { path, query } = splitAddress(request.url);
  return {
    method: request.method,
    path: path.slice(surface.prefix.length),
    query,
    headers: request.headers,
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
    signal,
  };
}

/** Path and query of a request's address, not decoded. */
export function splitAddress(address: string): { readonly path: string; readonly query: string } {
  const mark = address.indexOf("?");
  if (mark === -1) return { path: address, query: "" };
  return { path: address.slice(0, mark), query: address.slice(mark + 1) };
}

/** Sends what a surface answers. */
export function answerWith(reply: FastifyReply, response: SurfaceResponse): FastifyReply {
  const body = typeof response.body === "string" ? response.body : Buffer.from(response.body);
  return reply.code(response.status).headers(response.headers).send(body);
}
