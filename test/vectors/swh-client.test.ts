/**
 * Goal: our client says to the original server what the original client says, and understands what
 * it answers. Method: every recorded call of `swh-rpc/` is read as our server reads it and made
 * again by our client; whoever listens there keeps the bytes, and answers with the recorded ones.
 */

import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SwhRemoteScheduler } from "../../src/compat/swh/remote/remote-scheduler.ts";
import { wireErrorOf } from "../../src/compat/swh/rpc/error-map.ts";
import { type DialectName, dialects } from "../../src/compat/swh/wire/dialects.ts";
import { readMsgpack } from "../../src/compat/swh/wire/msgpack-read.ts";
import {
  isWireObject,
  PlainTag,
  type WireObject,
  type WireValue,
} from "../../src/compat/swh/wire/wire-value.ts";
import { assert, present } from "../../src/kernel/assert.ts";
import { isRecord } from "../../src/kernel/json.ts";
import {
  objectAt,
  objectsAt,
  plainText,
  readVectors,
  renderingOf,
  textAt,
} from "./swh-rendering.ts";

/** One recorded call of a method by the original client. */
interface RecordedCall {
  readonly id: string;
  readonly dialect: DialectName;
  readonly path: string;
  readonly sent: Uint8Array;
  readonly status: number;
  readonly answer: Uint8Array;
}

const calls: readonly RecordedCall[] = readdirSync(new URL("swh-rpc/", import.meta.url))
  .filter((name) => /^(cur|seed)-.*\.json$/.test(name))
  .map(readVectors)
  .flatMap((scenario) =>
    objectsAt(scenario, "steps")
      .filter((step) => !textAt(step, "call").startsWith("raw"))
      .map((step) => recordedCall(step, textAt(scenario, "dialect"))),
  );

function recordedCall(step: WireObject, dialect: string): RecordedCall {
  const request = objectAt(step, "request");
  const response = objectAt(step, "response");
  return {
    id: textAt(step, "id"),
    dialect: dialect === "seed" ? "seed" : "current",
    path: textAt(request, "path"),
    sent: bytesOf(request),
    status: Number(response["status"]),
    answer: bytesOf(response),
  };
}

function bytesOf(message: WireObject): Uint8Array {
  return new Uint8Array(Buffer.from(plainText(message["body_b64"] ?? ""), "base64"));
}

/** A server that knows one answer. */
let server: Server;
let url = "";
let current: RecordedCall | undefined;
let heard: Uint8Array | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      heard = request.url === current?.path ? new Uint8Array(body) : undefined;
      const type = request.headers["content-type"] ?? "";
      response.writeHead(current?.status ?? 500, { "content-type": type });
      response.end(current?.answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${isRecord(address) ? String(address["port"]) : ""}`;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
});

const keepTag = (tag: string, data: WireValue): WireValue => new PlainTag(tag, data);

const asItCame = (bytes: Uint8Array): WireValue => renderingOf(readMsgpack(bytes, keepTag));

function objectIn(value: WireValue): WireObject {
  assert(isWireObject(value), "an error is a map");
  return value;
}

/** Makes the call again, by our client; its result or its error as they would travel on. */
async function made(call: RecordedCall): Promise<WireValue> {
  const { methods, encodings } = dialects[call.dialect];
  const method = present(
    Object.values(methods).find(({ path }) => `/${path}` === call.path),
    `the method of ${call.path}`,
  );
  const client = new SwhRemoteScheduler({ url, dialect: call.dialect, attemptCount: 1 });
  current = call;
  heard = undefined;
  return await method.answer(client, encodings.msgpack.read(call.sent));
}

/** Calls that ours says in other words, and why. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ["cur-listed-origins/15", "names the lister by its id alone"],
  ["cur-search-status/15", "knows without asking that there is nothing"],
  ["seed-listers-origins/06", "is one of two requests by which a server keeps later columns"],
  ["seed-task-runs/07", "has no argument that means nothing"],
  ["seed-task-runs/11", "asks for a list of one"],
  ["seed-task-types/03", "sends a fraction where one is meant"],
  ["seed-task-types/04", "sends no keys that are not known"],
]);

const answered = calls.filter(({ id, status }) => status === 200 && !otherWords.has(id));
const refused = calls.filter(({ status }) => status !== 200);

test("nearly all recorded calls are made", () => {
  expect([answered.length, refused.length]).toEqual([287, 27]);
});

test.each(answered)("$id $path is called and understood as by the original", async (call) => {
  const result = await made(call);
  const said = { arguments: heard && asItCame(heard) };
  const recorded = { arguments: asItCame(call.sent) };
  // Plain maps may leave out what ours says by its default.
  if (call.dialect === "seed") expect(said).toMatchObject(recorded);
  else expect(said).toEqual(recorded);
  const { msgpack } = dialects[call.dialect].encodings;
  expect(asItCame(msgpack.write(result))).toEqual(asItCame(call.answer));
});

test.each(refused)("$id $path is refused as to the original", async (call) => {
  const thrown: unknown = await made(call).catch((caught: unknown) => caught);
  const { type } = objectIn(readMsgpack(call.answer, keepTag));
  expect(wireErrorOf(thrown)).toMatchObject({ status: call.status, type });
});
