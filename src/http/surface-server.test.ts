import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { messageOf } from "../kernel/errors.ts";
import { AddressList } from "./address-list.ts";
import {
  createSurfaceServer,
  type SurfaceServer,
  type SurfaceServerOptions,
} from "./surface-server.ts";

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Answers with the path, and refuses with the message. */
const surface: SurfaceServerOptions["surface"] = {
  prefix: "",
  role: "operator",
  bodyBytesMax: 10,
  handle: ({ path, body }) =>
    Promise.resolve({ status: 200, headers: {}, body: `${path} ${Buffer.from(body).toString()}` }),
  refuse: (thrown) => ({ status: 418, headers: {}, body: messageOf(thrown) }),
};

function serverOn(options: Partial<SurfaceServerOptions>): SurfaceServer {
  const server = createSurfaceServer({
    surface,
    address: { host: "127.0.0.1", port: 0 },
    auth: {
      findTokenBySecret: (secret) =>
        Promise.resolve(
          secret === "operator" ? { name: "the operator", role: "operator" } : undefined,
        ),
    },
    log: silent,
    allow: new AddressList([]),
    requireToken: false,
    allowedHosts: [],
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

const basic = `Basic ${Buffer.from("anybody:operator").toString("base64")}`;

/** What a request from somewhere is answered. */
async function answerTo(
  server: SurfaceServer,
  from: { readonly remoteAddress?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<string> {
  const { remoteAddress = "127.0.0.1", headers = {} } = from;
  const host = { host: "127.0.0.1:5008" };
  const answer = await server.app.inject({
    url: "/x",
    remoteAddress,
    headers: { ...host, ...headers },
  });
  return `${answer.statusCode} ${answer.payload}`;
}

test("on loopback everybody is answered who names the server by its name", async () => {
  const server = serverOn({});
  expect(await answerTo(server, {})).toBe("200 /x ");
  expect(await answerTo(server, { headers: { host: "evil.example" } })).toContain("418 the host");
  const origin = { origin: "http://evil.example" };
  expect(await answerTo(server, { headers: origin })).toContain("418 the origin");
});

test("beyond loopback a server is not made for anybody", () => {
  expect(() => serverOn({ address: { host: "0.0.0.0", port: 0 } })).toThrow(
    expect.objectContaining({ code: "ORR_CONFIG_LISTEN" }),
  );
});

test("addresses that are listed may come without a token, pages of browsers may not", async () => {
  const allow = new AddressList(["10.0.0.0/8"]);
  const server = serverOn({ address: { host: "0.0.0.0", port: 0 }, allow });
  const remoteAddress = "10.1.2.3";
  expect(await answerTo(server, { remoteAddress })).toBe("200 /x ");
  const host = { host: "scheduler.internal:5008" };
  expect(await answerTo(server, { remoteAddress, headers: host })).toBe("200 /x ");
  const origin = { origin: "http://127.0.0.1:5008" };
  expect(await answerTo(server, { remoteAddress, headers: origin })).toContain("418 pages of");
  const wrong = { authorization: "Bearer nonsense" };
  expect(await answerTo(server, { remoteAddress, headers: wrong })).toContain("418 the token");
  const stranger = { remoteAddress: "192.168.0.1", headers: { authorization: basic } };
  expect(await answerTo(server, stranger)).toContain("418 192.168.0.1 is not");
});

test("where tokens are asked for they come as passwords", async () => {
  const server = serverOn({ address: { host: "0.0.0.0", port: 0 }, requireToken: true });
  const remoteAddress = "192.168.0.1";
  expect(await answerTo(server, { remoteAddress })).toContain("418 this server needs a token");
  expect(await answerTo(server, { remoteAddress, headers: { authorization: basic } })).toBe(
    "200 /x ",
  );
});

test("what the framework refuses is refused in the surface's form", async () => {
  const server = serverOn({});
  const { url } = await server.listen();
  const answer = async (path: string, body: string): Promise<string> => {
    const response = await fetch(`${url}${path}`, { method: "POST", body });
    return `${response.status} ${await response.text()}`;
  };
  expect(await answer("/x", "1234567890")).toBe("200 /x 1234567890");
  expect(await answer("/x", "12345678901")).toBe("418 the body is larger than allowed");
  expect(await answer("/%E0%A4%A", "")).toBe("418 the address cannot be decoded");
});

test("what is no request of HTTP ends its connection and nothing else", async () => {
  const server = serverOn({});
  const { port } = await server.listen();
  const socket = connect(port, "127.0.0.1");
  socket.end("nonsense\r\n\r\n");
  expect(await text(socket)).toContain("400 Bad Request");
  expect(await answerTo(server, {})).toBe("200 /x ");
});
