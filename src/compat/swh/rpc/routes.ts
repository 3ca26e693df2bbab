/**
 * The RPC as a surface: one address for each method, each answered whole with its length. Which
 * scheduler is behind it does not matter; which dialect it speaks is its own.
 */

import type { Surface, SurfaceRequest, SurfaceResponse } from "../../../api/surface.ts";
import type { TokenRole } from "../../../model/worker.ts";
import { SwhFault } from "../errors.ts";
import type { SwhScheduler } from "../scheduler.ts";
import type { Encoding } from "../wire/bodies.ts";
import { type Dialect, type DialectName, dialects } from "../wire/dialects.ts";
import { wireName } from "../wire/wire-name.ts";
import type { WireValue } from "../wire/wire-value.ts";
import {
  errorMap,
  isOurFault,
  methodNotAllowedError,
  notFoundError,
  type WireError,
  wireErrorOf,
} from "./error-map.ts";
import { answerEncoding, bodyEncoding, mediaTypeOf } from "./negotiate.ts";

/** What the routes are made of. */
export interface SwhRpcOptions {
  readonly scheduler: SwhScheduler;
  /** There is no default: the two cannot read each other. */
  readonly dialect: DialectName;
  /** Where they are mounted, as `/swh`; empty for a server of their own. @defaultValue empty */
  readonly prefix?: string;
  /** The least role that the mounting server asks for. @defaultValue operator */
  readonly role?: TokenRole | null;
  /** Bytes of a request's body. @defaultValue 32 MiB */
  readonly bodyBytesMax?: number;
  /** Is told of errors that are bugs. @defaultValue nobody */
  readonly onFailure?: (thrown: unknown) => void;
}

/** The routes: a surface that gives refusals of its server the form of the wire, too. */
export type SwhSurface = Surface & Required<Pick<Surface, "refuse">>;

/** Defaults of the options. */
export const swhRpcDefaults = {
  prefix: "",
  role: "operator",
  bodyBytesMax: 33_554_432,
  onFailure: (): undefined => undefined,
} as const;

/** As much of a method as its address needs. */
interface Routed {
  readonly path: string;
  readonly isMissing?: boolean;
  answer(scheduler: SwhScheduler, body: WireValue): Promise<WireValue>;
}

/** One address. */
interface Address extends Routed {
  /** The documented name of the method. */
  readonly description: string;
}

/** The page that tells what stands here; clients look for its phrase. */
const rootPage = "<html><body>Software Heritage scheduler RPC server</body></html>";

/** Makes the routes, to be mounted by a server. */
export function swhRpcRoutes(options: SwhRpcOptions): SwhSurface {
  const settings = { ...swhRpcDefaults, ...options };
  const dialect = dialects[settings.dialect];
  const addresses = new Map<string, Address>(
    Object.entries<Routed>(dialect.methods).flatMap(([name, method]) =>
      method.isMissing === true
        ? []
        : [[`/${method.path}`, { ...method, description: wireName(name) }]],
    ),
  );
  const refuse = (thrown: unknown): SurfaceResponse => {
    if (isOurFault(thrown)) settings.onFailure(thrown);
    return errorResponse(wireErrorOf(thrown), dialect);
  };
  return {
    prefix: settings.prefix,
    role: settings.role,
    bodyBytesMax: settings.bodyBytesMax,
    refuse,
    handle: async (request) => {
      const site = { scheduler: settings.scheduler, dialect, addresses };
      return await handle(request, site).catch(refuse);
    },
  };
}

interface Site {
  readonly scheduler: SwhScheduler;
  readonly dialect: Dialect;
  readonly addresses: ReadonlyMap<string, Address>;
}

async function handle(request: SurfaceRequest, site: Site): Promise<SurfaceResponse> {
  // Clients that put base and path together may double the slash.
  const path = request.path.replaceAll(/\/{2,}/g, "/");
  if (path === "" || path === "/") return readOnly(request, site, () => rootResponse());
  if (path === "/site-map") return readOnly(request, site, () => siteMap(request, site));
  const address = site.addresses.get(path);
  if (address === undefined) {
    return errorResponse(notFoundError(`there is no ${path.slice(0, 200)} here`), site.dialect);
  }
  if (request.method === "POST") return await call(request, site, address);
  return otherVerb(request, site, "POST, OPTIONS");
}

async function call(
  request: SurfaceRequest,
  { scheduler, dialect }: Site,
  address: Address,
): Promise<SurfaceResponse> {
  const answer = await address.answer(scheduler, readBody(request, dialect));
  return response(200, answer, answerEncoding(headerOf(request, "accept"), dialect.encodings));
}

/** No body means no arguments. */
function readBody(request: SurfaceRequest, { encodings }: Dialect): WireValue {
  if (request.body.length === 0) return {};
  const type = headerOf(request, "content-type");
  const encoding = bodyEncoding(type, encodings);
  if (encoding !== undefined) return encoding.read(request.body);
  const shown = mediaTypeOf(type).slice(0, 100);
  throw new SwhFault("ValueError", `Wrong content type \`${shown}\` for API request`);
}

function readOnly(
  request: SurfaceRequest,
  site: Site,
  answer: () => SurfaceResponse,
): SurfaceResponse {
  if (request.method === "GET" || request.method === "HEAD") return answer();
  return otherVerb(request, site, "GET, HEAD, OPTIONS");
}

function otherVerb(request: SurfaceRequest, { dialect }: Site, allow: string): SurfaceResponse {
  if (request.method === "OPTIONS") {
    return { status: 200, headers: { allow, "content-length": "0" }, body: "" };
  }
  const message = `this address takes ${allow}, not ${request.method.slice(0, 20)}`;
  const refused = errorResponse(methodNotAllowedError(message), dialect);
  return { ...refused, headers: { ...refused.headers, allow } };
}

function rootResponse(): SurfaceResponse {
  return withLength(200, "text/html; charset=utf-8", new TextEncoder().encode(rootPage));
}

function siteMap(request: SurfaceRequest, { dialect, addresses }: Site): SurfaceResponse {
  const rules = Array.from(addresses, ([rule, { description }]) => ({ rule, description }));
  return response(200, rules, answerEncoding(headerOf(request, "accept"), dialect.encodings));
}

function errorResponse(error: WireError, { encodings }: Dialect): SurfaceResponse {
  const refused = response(error.status, errorMap(error), encodings.msgpack);
  if (error.status !== 401) return refused;
  return {
    ...refused,
    headers: { ...refused.headers, "www-authenticate": 'Basic realm="orrery"' },
  };
}

function response(status: number, value: WireValue, encoding: Encoding): SurfaceResponse {
  return withLength(status, encoding.mediaType, encoding.write(value));
}

/** Never in chunks: old clients take those for something else. */
function withLength(status: number, contentType: string, body: Uint8Array): SurfaceResponse {
  const headers = { "content-type": contentType, "content-length": String(body.length) };
  return { status, headers, body };
}

function headerOf(request: SurfaceRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "object" ? value.join(",") : value;
}
