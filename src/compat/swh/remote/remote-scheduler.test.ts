/**
 * What the client does by itself: its address, its tries, its errors, its tags. The servers here
 * answer what no scheduler would; what schedulers answer is held by the conformance suite.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../kernel/clock.ts";
import { isRecord } from "../../../kernel/json.ts";
import { SchedulerException, StaleData, SwhFault, UnknownPolicy } from "../errors.ts";
import { errorMap, wireErrorOf } from "../rpc/error-map.ts";
import { dialects } from "../wire/dialects.ts";
import { PlainTag, Tagged, type WireValue } from "../wire/wire-value.ts";
import { SwhRemoteScheduler, type SwhRemoteSchedulerOptions } from "./remote-scheduler.ts";

const { msgpack } = dialects.current.encodings;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers every request in the same way; its address, and what came. */
async function serving(
  answer: Answer,
): Promise<{ readonly url: string; readonly requests: readonly IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().on("end", () => answer(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  const port = isRecord(address) ? String(address["port"]) : "";
  return { url: `http://127.0.0.1:${port}`, requests };
}

function answering(status: number, value: WireValue): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": msgpack.mediaType });
    response.end(msgpack.write(value));
  };
}

function clientOf(url: string, more: Partial<SwhRemoteSchedulerOptions> = {}): SwhRemoteScheduler {
  return new SwhRemoteScheduler({ url, dialect: "current", retryDelayMs: 0, ...more });
}

test("requests go below the address, with media types and credentials", async () => {
  const { url, requests } = await serving(answering(200, []));
  const auth = { user: "me", password: "se:cret" };
  const client = clientOf(`${url}/prefix//`, { auth, headers: { "x-mine": "1" } });
  expect(await client.getTaskTypes()).toEqual([]);
  expect(requests[0]).toMatchObject({
    method: "POST",
    url: "/prefix/task_type/get_all",
    headers: {
      accept: "application/x-msgpack",
      "content-type": "application/x-msgpack",
      authorization: `Basic ${Buffer.from("me:se:cret").toString("base64")}`,
      "x-mine": "1",
    },
  });
});

test("an address or a dialect that is none is refused", () => {
  const refused = { code: "ORR_INPUT_INVALID" };
  expect(() => clientOf("127.0.0.1:5008")).toThrow(expect.objectContaining(refused));
  const dialect: unknown = "old";
  const options = { url: "http://127.0.0.1:5008", dialect };
  // oxlint-disable-next-line no-unsafe-type-assertion -- wrong on purpose
  expect(() => new SwhRemoteScheduler(options as SwhRemoteSchedulerOptions)).toThrow("current or");
});

test("errors that the interface names come back as themselves", async () => {
  expect(SwhRemoteScheduler.reraiseExceptions).toEqual([
    SchedulerException,
    StaleData,
    UnknownPolicy,
  ]);
  for (const error of [
    new SchedulerException("no"),
    new StaleData(),
    new UnknownPolicy("Unknown scheduling policy x"),
    new SwhFault("KeyError", "'a'"),
  ]) {
    const wire = wireErrorOf(error);
    const { url } = await serving(answering(wire.status, errorMap(wire)));
    const thrown: unknown = await clientOf(url)
      .getTaskTypes()
      .catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(error.constructor);
    expect(thrown).toMatchObject({ message: error.message, code: error.code });
  }
});

test("the proxied interface has a path for each method", () => {
  const paths = SwhRemoteScheduler.backendClass;
  expect(Object.keys(paths)).toHaveLength(34);
  expect(new Set(Object.values(paths)).size).toBe(34);
  expect(paths.createTasks).toBe("task/create");
  for (const name of Object.keys(paths)) {
    expect(name in SwhRemoteScheduler.prototype, name).toBe(true);
  }
});

test("the tags of the interface are read and written", () => {
  const { last_visit_status: readStatus, scheduler_model: readModel } =
    SwhRemoteScheduler.extraTypeDecoders;
  const values = [
    readStatus("failed"),
    readModel({ name: "n", instance_name: "", __type__: "Lister" }),
  ];
  expect(() => readStatus("lost")).toThrow(SwhFault);
  const written = values.map((value) => {
    const encoder = SwhRemoteScheduler.extraTypeEncoders.find(
      ([valueClass]) => value instanceof valueClass,
    );
    return value instanceof Tagged ? [encoder?.[1], encoder?.[2](value)] : [];
  });
  expect(written).toMatchObject([
    ["last_visit_status", "failed"],
    ["scheduler_model", { name: "n", current_state: {}, updated: null, __type__: "Lister" }],
  ]);
  expect(values[0]).toBeInstanceOf(PlainTag);
});

test("a server that is away is asked again, as often as is wanted", async () => {
  const { url, requests } = await serving(
    answering(503, { type: "OperationalError", message: "x" }),
  );
  const away = { code: "ORR_STORE_UNAVAILABLE", transient: true };
  await expect(clientOf(url, { attemptCount: 3 }).getTaskTypes()).rejects.toMatchObject(away);
  expect(requests).toHaveLength(3);
  const nowhere = clientOf("http://127.0.0.1:1", { attemptCount: 2 });
  await expect(nowhere.getTaskTypes()).rejects.toMatchObject(away);
  // Releases of the seed dialect do not try again.
  const seed = new SwhRemoteScheduler({ url, dialect: "seed", clock: systemClock });
  await expect(seed.getTaskTypes()).rejects.toMatchObject(away);
  expect(requests).toHaveLength(4);
});

test("a refusal is not asked again", async () => {
  const { url, requests } = await serving(answering(500, { type: "KeyError", message: "'x'" }));
  await expect(clientOf(url).getTaskTypes()).rejects.toMatchObject({ fault: "KeyError" });
  expect(requests).toHaveLength(1);
});

test("an answer that takes too long is given up", async () => {
  const { url } = await serving(() => undefined);
  const waiting = clientOf(url, { timeoutMs: 50, attemptCount: 1 }).getTaskTypes();
  await expect(waiting).rejects.toMatchObject({ code: "ORR_TIMEOUT_WAIT" });
});

interface StrangeAnswer {
  readonly what: string;
  /** 200 where none is given. */
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** That of a broken protocol where none is given. */
  readonly code?: string;
}

const page = { type: "text/html", body: "<html>" };
const packed = { type: msgpack.mediaType };

test.each<StrangeAnswer>([
  { what: "a page", ...page },
  { what: "another type", type: "image/png", body: "x" },
  { what: "bytes that are cut", ...packed, body: new Uint8Array([0x92, 1]) },
  { what: "a value of another shape", ...packed, body: new Uint8Array([1]) },
  { what: "too many bytes", ...packed, body: new Uint8Array(2_000) },
  { what: "a proxy's error", status: 500, ...page },
  { what: "a missing page", status: 404, ...page, code: "ORR_NOT_FOUND_ROUTE" },
  { what: "a bad gateway", status: 502, ...page, code: "ORR_STORE_UNAVAILABLE" },
  { what: "a locked door", status: 401, ...page, code: "ORR_ACCESS_UNAUTHENTICATED" },
])("what no scheduler answers is told as such: $what", async (strange) => {
  const { status = 200, type, body, code = "ORR_PROTO_RESPONSE" } = strange;
  const { url } = await serving((_request, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(body);
  });
  const client = clientOf(url, { attemptCount: 1, answerBytesMax: 1_000 });
  await expect(client.getTaskTypes()).rejects.toMatchObject({ code });
});
