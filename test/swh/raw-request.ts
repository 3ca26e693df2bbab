/** One request with exactly these headers and bytes, and its answer as it came. */

import { request } from "node:http";
import { buffer } from "node:stream/consumers";

/** What is sent. */
export interface RawRequest {
  readonly method: string;
  /** The whole address. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What came back. */
export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Sends it. */
export async function send(sent: RawRequest): Promise<RawResponse> {
  const { method, url, headers = {}, body } = sent;
  const outgoing = request(url, { method, headers });
  if (body !== undefined && body.length > 0) outgoing.setHeader("content-length", body.length);
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  outgoing.on("error", reject);
  outgoing.on("response", (incoming) => {
    buffer(incoming).then((bytes) => {
      const status = incoming.statusCode ?? 0;
      resolve({ status, headers: incoming.headers, body: new Uint8Array(bytes) });
    }, reject);
  });
  outgoing.end(body === undefined || body.length === 0 ? undefined : body);
  return await promise;
}
