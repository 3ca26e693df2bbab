/**
 * What the server decides without its scheduler: the scheduler here is a real one whose server is
 * not there, so that a request that gets as far as to ask it is answered with 503.
 */

import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";

import { RemoteScheduler } from "../client/remote-scheduler.ts";
import { systemClock } from "../kernel/clock.ts";
import { isRecord } from "../kernel/json.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "./server.ts";

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function createServerWithoutScheduler(options: Partial<HttpServerOptions> = {}): HttpServer {
  const server = createHttpServer({
    // The port of `tcpmux`, where nothing listens.
    scheduler: new RemoteScheduler({ baseUrl: "http://127.0.0.1:1", retryCount: 0 }),
    auth: { findTokenBySecret: () => Promise.resolve(undefined) },
    clock: systemClock,
    log: silent,
    version: "1.2.3",
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

async function listening(options: Partial<HttpServerOptions> = {}): Promise<string> {
  const server = createServerWithoutScheduler(options);
  return (await server.listen({ host: "127.0.0.1", port: 0 })).url;
}

async function errorOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(Object.keys(Object(body))).toEqual(["error"]);
  return isRecord(body) ? body["error"] : undefined;
}

const json = "application/json";

test.each<[string, number, object]>([
  ["GET /nothing", 404, { code: "ORR_NOT_FOUND_ROUTE" }],
  ["GET /api/v1/nothing", 404, { code: "ORR_NOT_FOUND_ROUTE" }],
  ["POST /api/v1/nothing", 404, { code: "ORR_NOT_FOUND_ROUTE" }],
  ["DELETE /api/v1/tasks", 405, { code: "ORR_NOT_ALLOWED_METHOD" }],
  ["OPTIONS /api/v1/tasks", 405, { code: "ORR_NOT_ALLOWED_METHOD" }],
  ["POST /api/v1/runs/events", 405, { code: "ORR_NOT_ALLOWED_METHOD" }],
  ["POST /healthz", 405, { code: "ORR_NOT_ALLOWED_METHOD" }],
  ["GET /api/v1/tasks/abc", 400, { code: "ORR_INPUT_INVALID", details: { field: "id" } }],
  ["GET /api/v1/tasks/%E0%A4%A", 400, { details: { field: "path" } }],
  ["GET /api/v1/tasks?limt=5", 400, { message: expect.stringContaining('mean "limit"') }],
  ["GET /api/v1/tasks?limit=1&limit=2", 400, { details: { field: "limit" } }],
  ["GET /api/v1/system?x=1", 400, { details: { field: "x" } }],
  ["POST /api/v1/tasks", 415, { code: "ORR_INPUT_MEDIA_TYPE" }],
  ["GET /api/v1/system", 503, { code: "ORR_STORE_UNAVAILABLE" }],
])("%s answers %i in the one form of errors", async (line, status, error) => {
  const [method = "", path = ""] = line.split(" ");
  const response = await fetch(`${await listening()}${path}`, { method });
  expect(response.status).toBe(status);
  expect(await errorOf(response)).toMatchObject(error);
});

test("a method that a path does not take is answered with those that it does", async () => {
  const response = await fetch(`${await listening()}/api/v1/tasks`, { method: "PUT" });
  expect(response.headers.get("allow")).toBe("POST, GET, HEAD");
});

test.each([
  { what: "no JSON", type: json, body: "{", status: 400 },
  { what: "JSON that is no object", type: json, body: "[1]", status: 400 },
  { what: "another media type", type: "text/plain", body: "{}", status: 415 },
  { what: "a type that begins like JSON", type: "application/jsonp", body: "{}", status: 415 },
  { what: "a form", type: "application/x-www-form-urlencoded", body: "type=x", status: 415 },
  { what: "more than the bound", type: json, body: `{"type":"${"x".repeat(2_000)}"}`, status: 413 },
])("a body with $what is refused", async ({ type, body, status }) => {
  const url = await listening({ bodyBytesMax: 1_000 });
  const headers = { "content-type": type };
  const response = await fetch(`${url}/api/v1/tasks`, { method: "POST", headers, body });
  expect(response.status).toBe(status);
  await errorOf(response);
});

/** Sends a request over a socket of its own, all of it; answers what came back until the end. */
async function answerTo(url: string, request: Buffer): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const answered = text(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject).write(request, () => resolve());
  });
  return await answered;
}

test("who sends far too much is told so after the whole of it, and how much is taken", async () => {
  const url = await listening({ bodyBytesMax: 1_000 });
  // More than sockets take in whose other end is not read, let alone closed.
  const body = Buffer.alloc(50_000_000, "x");
  const head = (path: string, length: string): Buffer =>
    Buffer.from(
      `POST /api/v1/${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${json}\r\n` +
        `connection: close\r\n${length}\r\n\r\n`,
    );
  const whole = Buffer.concat([head("tasks", `content-length: ${body.length}`), body]);
  const plain = await answerTo(url, whole);
  expect(plain).toMatch(/^HTTP\/1.1 413 /);
  expect(plain).toContain('"message":"the body has over 1000 bytes"');
  const chunk = Buffer.from(`${body.length.toString(16)}\r\n`);
  const end = Buffer.from("\r\n0\r\n\r\n");
  const chunked = head("graphs", "transfer-encoding: chunked");
  const batch = await answerTo(url, Buffer.concat([chunked, chunk, body, end]));
  expect(batch).toContain('"bytesMax":8000');
});

test("a body may name its character set, and may be left out where it says nothing", async () => {
  const url = await listening();
  for (const [path, body] of [
    ["/api/v1/system/pause", ""],
    ["/api/v1/tasks/1/cancel", "{}"],
  ]) {
    const headers = { "content-type": "application/json; charset=utf-8" };
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body: body ?? "" });
    expect(response.status).toBe(503);
  }
});

test("every answer keeps browsers to this server", async () => {
  const url = await listening();
  for (const path of [
    "/healthz",
    "/api/v1/",
    "/api/v1/openapi.json",
    "/nothing",
    "/api/v1/system",
  ]) {
    const { headers } = await fetch(`${url}${path}`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("a request under another host name is refused where no token is needed", async () => {
  const { port } = new URL(await listening());
  const request = httpRequest({ port, path: "/api/v1/system", headers: { host: "evil.example" } });
  const [response] = await once(request.end(), "response");
  expect(response.statusCode).toBe(403);
  expect(await text(response)).toContain("ORR_ACCESS_FORBIDDEN");
});

test("a token that is not valid is refused, also where none is needed", async () => {
  const headers = { authorization: "Bearer orr_wrong" };
  const response = await fetch(`${await listening()}/api/v1/system`, { headers });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
});

test("what is no HTTP at all ends the connection and nothing else", async () => {
  const url = await listening();
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.end("\u0000\u0001 not http\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("the process is alive without its database, but not ready", async () => {
  const url = await listening();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: "alive",
    version: "1.2.3",
  });
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await errorOf(ready)).toMatchObject({ code: "ORR_STORE_UNAVAILABLE" });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("orrery_database_up 0");
});

test("the document and the page are served, with and without the last slash", async () => {
  const url = await listening();
  const document = await (await fetch(`${url}/api/v1/openapi.json`)).json();
  expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
  for (const path of ["/", "/api/v1", "/api/v1/"]) {
    const response = await fetch(`${url}${path}`);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await response.text();
    for (const [, file] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await fetch(`${url}${file}`)).status, file).toBe(200);
    }
  }
});

test("HEAD answers as GET without a body, for streams too", async () => {
  const url = await listening();
  for (const path of ["/healthz", "/api/v1/", "/api/v1/runs/events"]) {
    const response = await fetch(`${url}${path}`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  }
});

test("a surface gets what came in bytes, and answers in bytes", async () => {
  const url = await listening({
    surfaces: [
      {
        prefix: "/echo",
        role: null,
        handle: ({ method, path, query, body, headers }) => {
          if (path === "/none") return Promise.resolve(undefined);
          const came = `${method} ${path} ${query} ${String(headers["x-mark"])} `;
          const reply = new Uint8Array([...new TextEncoder().encode(came), ...body]);
          return Promise.resolve({ status: 202, headers: { "x-own": "1" }, body: reply });
        },
      },
      { prefix: "/guarded", role: "viewer", handle: () => Promise.resolve(undefined) },
    ],
  });
  const response = await fetch(`${url}/echo/a%20b?c=%64`, {
    method: "PATCH",
    headers: { "x-mark": "m", "content-type": "application/x-msgpack" },
    body: new Uint8Array([0xff, 0x00]),
  });
  expect([response.status, response.headers.get("x-own")]).toEqual([202, "1"]);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(new TextDecoder().decode(bytes.subarray(0, -2))).toBe("PATCH /a%20b c=%64 m ");
  expect([...bytes.subarray(-2)]).toEqual([0xff, 0x00]);
  expect((await fetch(`${url}/echo/none`)).status).toBe(404);
  const refused = await fetch(`${url}/guarded`, { headers: { authorization: "Bearer x" } });
  expect(refused.status).toBe(401);
});

test("a busy port is told as such, with what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const server = createServerWithoutScheduler();
  await expect(server.listen({ host: "127.0.0.1", port })).rejects.toMatchObject({
    code: "ORR_CONFIG_PORT",
    message: expect.stringMatching(/is taken.*--port or ORRERY_PORT/),
    details: { host: "127.0.0.1", port },
  });
});

test("an address that the machine does not have is refused", async () => {
  const server = createServerWithoutScheduler();
  await expect(server.listen({ host: "127.0.0.1.invalid", port: 0 })).rejects.toBeDefined();
  const local = createServerWithoutScheduler();
  const listen = local.listen({ host: "127.0.0.1", port: 70_000 });
  await expect(listen).rejects.toMatchObject({ code: "ORR_CONFIG_PORT" });
});

test("closing twice, or before listening, is fine", async () => {
  const server = createServerWithoutScheduler();
  await server.close();
  await expect(server.close()).resolves.toBeUndefined();
});
