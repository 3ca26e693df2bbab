/** The client against servers that misbehave: each is a plain HTTP server that a test scripts. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";

import { createManualClock } from "../testing/manual-clock.ts";
import { defineTask } from "../model/define-task.ts";
import { RemoteScheduler, type RemoteSchedulerOptions } from "./remote-scheduler.ts";

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers the n-th request with the n-th reply, and the last one from then on. */
async function scripted(...replies: readonly Reply[]) {
  const seen: string[] = [];
  const ids: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    ids.push(request.headers["last-event-id"]?.toString());
    replies[Math.min(seen.length, replies.length) - 1]?.(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, seen, ids };
}

const json =
  (status: number, body: unknown): Reply =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

const hangUp: Reply = (request) => request.socket.destroy();
const emptyPage = json(200, { items: [], nextCursor: null });

function clientOf(baseUrl: string, options: Partial<RemoteSchedulerOptions> = {}): RemoteScheduler {
  return new RemoteScheduler({ baseUrl, ...options });
}

test("a request that only reads is tried again when the connection breaks", async () => {
  const { baseUrl, seen } = await scripted(hangUp, hangUp, emptyPage);
  expect(await clientOf(baseUrl).listTasks()).toEqual({ items: [], nextCursor: null });
  expect(seen).toHaveLength(3);
});

test("a request that changes something is sent once", async () => {
  const { baseUrl, seen } = await scripted(hangUp);
  await expect(clientOf(baseUrl).pause()).rejects.toMatchObject({
    code: "ORR_STORE_UNAVAILABLE",
    transient: true,
    details: { server: baseUrl },
  });
  expect(seen).toHaveLength(1);
});

test("an error of the server comes back with class, code and details", async () => {
  const error = { code: "ORR_NOT_FOUND_TASK", message: "no task 7", details: { value: 7 } };
  const { baseUrl } = await scripted(json(404, { error }));
  await expect(clientOf(baseUrl).getTask(7)).rejects.toMatchObject({
    ...error,
    name: "NotFoundError",
  });
});

test.each<[string, Reply]>([
  ["a page of something else", (_, response) => response.end("<html>")],
  ["an error page of a proxy", (_, response) => response.writeHead(502).end("Bad Gateway")],
  ["an answer that lacks members", json(200, { items: [] })],
  [
    "an error of an unknown code",
    json(400, { error: { code: "ORR_NEW", message: "", details: {} } }),
  ],
  ["a bare number", json(200, 7)],
])("%s is refused as no answer of ours", async (_, reply) => {
  const { baseUrl } = await scripted(reply);
  const call = clientOf(baseUrl, { retryCount: 0 }).listTasks();
  await expect(call).rejects.toMatchObject({ code: "ORR_PROTO_RESPONSE" });
});

test("a redirect is not followed, so that the token goes nowhere else", async () => {
  const other = await scripted(emptyPage);
  const { baseUrl } = await scripted((_, response) =>
    response.writeHead(302, { location: `${other.baseUrl}/api/v1/tasks` }).end(),
  );
  const call = clientOf(baseUrl, { retryCount: 0, token: "secret" }).listTasks();
  await expect(call).rejects.toMatchObject({ code: "ORR_STORE_UNAVAILABLE" });
  expect(other.seen).toEqual([]);
});

test("members that a later release adds are passed over", async () => {
  const { baseUrl } = await scripted(json(200, { items: [], nextCursor: null, more: 1 }));
  expect(await clientOf(baseUrl).listTasks()).toMatchObject({ items: [] });
});

test("an answer that takes too long is given up", async () => {
  const clock = createManualClock();
  const { baseUrl } = await scripted(() => clock.advance(1_000));
  const call = clientOf(baseUrl, { clock, timeoutMs: 1_000 }).getSystem();
  await expect(call).rejects.toMatchObject({
    code: "ORR_TIMEOUT_WAIT",
    details: { operation: "getSystem", timeoutMs: 1_000 },
  });
  expect(clock.timerCount).toBe(0);
});

test("a wait that is called off rejects with the caller's reason", async () => {
  const caller = new AbortController();
  const reason = new RangeError("enough");
  const { baseUrl } = await scripted(() => caller.abort(reason));
  const wait = clientOf(baseUrl).waitForRun(1, { signal: caller.signal });
  await expect(wait).rejects.toBe(reason);
});

test("a wait goes on over several requests until the run has ended", async () => {
  const rest = { outcome: null, output: 5, error: null, dueAt: "", attempts: [] };
  const run = (state: string) => json(200, { id: 1, type: "a", state, ...rest });
  const { baseUrl, seen } = await scripted(run("queued"), run("running"), run("succeeded"));
  const ended = await clientOf(baseUrl).waitForRun(1);
  expect(ended.state).toBe("succeeded");
  expect(seen).toEqual(Array(3).fill("GET /api/v1/runs/1/wait?timeoutMs=60000"));
});

test("a stream that breaks is taken up after its last event, until it ends", async () => {
  const rest = { runId: 1, attempt: 1, at: "", level: "info", message: "" };
  const line = (seq: number) => `id: 1.${seq}\ndata: ${JSON.stringify({ ...rest, seq })}\n\n`;
  const stream =
    (text: string, then: (response: ServerResponse) => void): Reply =>
    (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(text);
      then(response);
    };
  const { baseUrl, ids } = await scripted(
    stream(`: open\n\n${line(1)}${line(2)}data: cut o`, (response) => response.end()),
    hangUp,
    json(503, { error: { code: "ORR_STORE_UNAVAILABLE", message: "stopping", details: {} } }),
    stream(`${line(3)}event: end\ndata: {}\n\n`, () => undefined),
  );
  const lines = await Array.fromAsync(clientOf(baseUrl).followLogs(1));
  expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(ids).toEqual([undefined, "1.2", "1.2", "1.2"]);
});

test("a stream that the server refuses ends with its error", async () => {
  const error = { code: "ORR_NOT_FOUND_RUN", message: "no run 1", details: {} };
  const { baseUrl, seen } = await scripted(json(404, { error }));
  await expect(Array.fromAsync(clientOf(baseUrl).followLogs(1))).rejects.toMatchObject(error);
  expect(seen).toHaveLength(1);
});

test("a stream that tells of a failure for good ends with it", async () => {
  const error = { code: "ORR_INPUT_INVALID", message: "x", details: {} };
  const { baseUrl } = await scripted((_, response) =>
    response.end(`event: failure\ndata: ${JSON.stringify({ error })}\n\n`),
  );
  await expect(Array.fromAsync(clientOf(baseUrl).followRuns())).rejects.toMatchObject(error);
});

test("a silent stream is given up and taken up again", async () => {
  const clock = createManualClock();
  const { baseUrl, seen } = await scripted(
    (_, response) => response.writeHead(200).write(": open\n\n"),
    (_, response) => response.end("event: end\ndata: {}\n\n"),
  );
  const lines = Array.fromAsync(clientOf(baseUrl, { clock }).followLogs(1));
  // Timers come and go with the steps of the stream: moved until the stream has ended.
  const over = new AbortController();
  const done = lines.finally(() => over.abort());
  while (!over.signal.aborted) {
    clock.advance(5_000);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(await done).toEqual([]);
  expect(seen.length).toBeGreaterThanOrEqual(2);
});

test("aborting ends a stream without an error", async () => {
  const stop = new AbortController();
  const { baseUrl } = await scripted((_, response) => {
    response.writeHead(200).write(": open\n\n");
    stop.abort();
  });
  const events = clientOf(baseUrl).followRuns({ signal: stop.signal });
  expect(await Array.fromAsync(events)).toEqual([]);
});

test.each(["", "localhost:8420", "ftp://h", "http://"])("the address %j is refused", (baseUrl) => {
  expect(() => clientOf(baseUrl)).toThrow(/baseUrl must be an http address/);
});

test("a path before the API, as behind a proxy, is kept", async () => {
  const { baseUrl, seen } = await scripted(emptyPage);
  await clientOf(`${baseUrl}/orrery/`).listTasks({ state: ["active"] });
  expect(seen).toEqual(["GET /orrery/api/v1/tasks?state=active"]);
});

test("a definition without a name, or an input that is no JSON, is not sent", async () => {
  const { baseUrl, seen } = await scripted(emptyPage);
  const client = clientOf(baseUrl);
  const unnamed = defineTask({ run: () => undefined });
  await expect(client.create(unnamed, {})).rejects.toMatchObject({ details: { field: "name" } });
  const named = defineTask({ name: "a", run: () => undefined });
  await expect(client.create(named, { at: new Map() })).rejects.toMatchObject({
    details: { field: "input.at" },
  });
  expect(seen).toEqual([]);
});
