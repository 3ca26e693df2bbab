/**
 * A surface: something that answers HTTP under a path prefix, as a function from a request to a
 * response, both in bytes. Whoever writes one knows nothing of the server that mounts it. The
 * pages and probes of the native API are surfaces; interfaces of other systems can be.
 */

import type { TokenRole } from "../model/worker.ts";

/** A request to a surface, its body read whole and within the server's bound. */
export interface SurfaceRequest {
  /** In capitals. */
  readonly method: string;
  /** What follows the prefix: empty, or from a slash on; not decoded. */
  readonly path: string;
  /** What follows the question mark, not decoded; empty without one. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
}

/** What a surface answers. */
export interface SurfaceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** Something that is mounted under a prefix. */
export interface Surface {
  /** From a slash on, without one at the end, as in `/metrics`; empty for the whole server. */
  readonly prefix: string;
  /** The least role that the server asks for; null for those that are open or check themselves. */
  readonly role: TokenRole | null;
  /** Bytes of a request's body. @defaultValue the server's own bound */
  readonly bodyBytesMax?: number;
  /**
   * The answer to a request that the server refuses before the surface has seen it: too large, not
   * allowed, not readable. @defaultValue the server's own form
   */
  refuse?(thrown: unknown): SurfaceResponse;
  /** Undefined means that there is no such path, which the server answers in its own form. */
  handle(request: SurfaceRequest): Promise<SurfaceResponse | undefined>;
}
