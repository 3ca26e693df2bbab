/**
 * Goal: no body makes a server crash, hang, or hold memory that the body does not have. Method: a
 * server process gets bodies that claim, nest and repeat without end, alone and several at once;
 * each answer is an error map, and the process tells its own size at its metrics page.
 */

import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dialectNames, dialects } from "../../src/compat/swh/wire/dialects.ts";
import { isWireObject, type WireValue } from "../../src/compat/swh/wire/wire-value.ts";
import { createDatabase } from "../postgres/database.ts";
import { type RawResponse, send } from "../swh/raw-request.ts";
import { startServer } from "./spawned.ts";

const { msgpack, json } = dialects.current.encodings;

/** Bytes of a body at most. */
const bodyBytesMax = 33_554_432;

/**
 * Bytes that the process may grow by, all cases taken together: three bodies of that size at once,
 * read into two million values each, come to some 400 MB. Without bounds one body would be enough.
 */
const growthBytesMax = 800_000_000;

/** Its size before the first of them. */
let baseline = 0;
let stack: AsyncDisposableStack;
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const database = stack.use(await createDatabase());
  const env = { DATABASE_URL: database.connectionString };
  server = stack.use(await startServer({ args: ["--no-worker"], env }));
  baseline = await residentBytes();
});

afterAll(async () => {
  await stack.disposeAsync();
});

async function residentBytes(): Promise<number> {
  const page = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(page)?.[1]);
}

interface Body {
  readonly bytes: Uint8Array;
  readonly type: string;
}

async function post(path: string, { bytes, type }: Body): Promise<RawResponse> {
  const url = `${server.url}${path}`;
  return await send({ method: "POST", url, headers: { "content-type": type }, body: bytes });
}

function errorOf(response: RawResponse): WireValue {
  expect(response.headers["content-length"]).toBe(String(response.body.length));
  const answer = msgpack.read(response.body);
  const keys = isWireObject(answer) ? Object.keys(answer).join() : "";
  expect(keys).toBe("type,module,args,message,traceback");
  return answer;
}

const hex = (digits: string): Body => ({
  bytes: Buffer.from(digits, "hex"),
  type: msgpack.mediaType,
});
const text = (body: string): Body => ({ bytes: Buffer.from(body), type: json.mediaType });

/** Lengths of a hundred million, of four thousand million, and heads that hold them. */
const claims = ["05f5e100", "ffffffff"].flatMap((length) =>
  ["db", "dd", "df", "c6"].map((head) => hex(`${head}${length}61`)),
);
const extensions = Array.from({ length: 256 }, (_, code) => {
  const digits = code.toString(16).padStart(2, "0");
  return [hex(`d4${digits}00`), hex(`c705${digits}0102030405`), hex(`c9ffffffff${digits}`)];
}).flat();
const deep = 10_000;
/** The head of a tagged value in msgpack: its keys are bytes. */
const tagHead = "82c40773776874797065a474696d65c40164";
const nests = [
  hex("91".repeat(deep)),
  hex(`${"91".repeat(deep)}c0`),
  hex(`${"81a161".repeat(deep)}c0`),
  hex(`${tagHead.repeat(deep)}c0`),
  text("[".repeat(deep)),
  text(`${"[".repeat(deep)}${"]".repeat(deep)}`),
  text(`${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`),
  text(`${'{"swhtype":"timedelta","d":'.repeat(deep)}1${"}".repeat(deep)}`),
];

test.each(dialectNames)("claims, nests and extensions are refused: %s", async (name) => {
  const prefix = name === "current" ? "/swh" : "/swh-seed";
  for (const body of [...claims, ...nests, ...extensions]) {
    const response = await post(`${prefix}/task/create`, body);
    expect(response.status).toBe(500);
    errorOf(response);
  }
  expect((await residentBytes()) - baseline).toBeLessThan(growthBytesMax);
});

function filled(head: string, part: string): Body {
  const parts = Math.floor((bodyBytesMax - head.length / 2) / (part.length / 2));
  return hex(`${head}${part.repeat(parts)}`);
}

function filledText(part: string): Body {
  return text(`[${part.repeat(Math.floor((bodyBytesMax - 3) / part.length))}0]`);
}

/** As large as a body may be, and full of what is larger in memory than on the wire. */
const full: readonly (readonly [string, () => Body])[] = [
  ["nothings", () => filled("dd01ffff00", "c0")],
  ["maps", () => filled("dd01ffff00", "80")],
  ["texts", () => filled("dd00ffff00", "a161")],
  ["fractions", () => filled("dd0038e000", "cb3ff8000000000000")],
  ["empty lists", () => filledText("[],")],
  ["members", () => text(`{${'"a":0,'.repeat(5_000_000)}"b":0}`)],
  ["digits", () => text(`[${"9".repeat(bodyBytesMax - 2)}]`)],
  ["letters", () => text(`["${"\\u00e9".repeat(5_000_000)}"]`)],
];

test.each(full)(
  "a body full of %s is refused, and does not stay in memory",
  async (_, make) => {
    const body = make();
    const answers = await Promise.all(
      [1, 2, 3].map(async () => await post("/swh/task/create", body)),
    );
    for (const response of answers) {
      expect(response.status).toBe(500);
      errorOf(response);
    }
    expect((await residentBytes()) - baseline).toBeLessThan(growthBytesMax);
  },
  180_000,
);

test("a body that is announced and does not come, or does not end, is given up", async () => {
  const head = [
    "POST /swh/task/create HTTP/1.1",
    "host: localhost",
    `content-type: ${msgpack.mediaType}`,
    "",
  ].join("\r\n");
  const announced = await answered([`${head}content-length: 100000000\r\n\r\n`]);
  // Cut off by the client: there is nobody to be answered.
  await answered([`${head}content-length: 1000\r\nconnection: close\r\n\r\n\x81`], "leave");
  const chunk = `100000\r\n${"a".repeat(0x100000)}\r\n`;
  const endless = await answered([
    `${head}transfer-encoding: chunked\r\n\r\n`,
    ...Array.from({ length: 40 }, () => chunk),
  ]);
  for (const response of [announced, endless]) {
    expect(response).toMatch(/^HTTP\/1.1 413 /);
    expect(response).toContain("RequestEntityTooLarge");
  }
  const alive = await post("/swh/task_type/get_all", hex("80"));
  expect(alive.status).toBe(200);
});

/** What comes back on a connection for these bytes at first; or leaves when they are sent. */
async function answered(parts: readonly string[], then?: "leave"): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  // The server may hang up before all is sent.
  socket.on("error", () => undefined);
  const answer = then === "leave" ? Promise.resolve() : once(socket, "data");
  await once(socket, "connect");
  for (const part of parts) socket.write(part, "latin1");
  const data: unknown = (await answer)?.[0];
  socket.destroy();
  return Buffer.isBuffer(data) ? data.toString("latin1") : "";
}
