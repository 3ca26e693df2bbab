/**
 * What the routes decide by themselves. The scheduler behind them is a real one whose server is not
 * there, so a call that gets as far as to ask it is answered with 503.
 */

import { expect, test } from "vitest";
import type { SurfaceResponse } from "../../../api/surface.ts";
import { SwhRemoteScheduler } from "../remote/remote-scheduler.ts";
import { type DialectName, dialects } from "../wire/dialects.ts";
import type { WireValue } from "../wire/wire-value.ts";
import { swhRpcRoutes } from "./routes.ts";

const { msgpack, json } = dialects.current.encodings;

const nowhere = new SwhRemoteScheduler({
  url: "http://127.0.0.1:1",
  dialect: "current",
  attemptCount: 1,
});

async function ask(
  line: string,
  options: { readonly dialect?: DialectName; readonly body?: WireValue } = {},
): Promise<SurfaceResponse> {
  const [method = "", path = ""] = line.split(" ");
  const routes = swhRpcRoutes({ scheduler: nowhere, dialect: options.dialect ?? "current" });
  const response = await routes.handle({
    method,
    path,
    query: "",
    headers: { "content-type": json.mediaType },
    body: options.body === undefined ? new Uint8Array() : json.write(options.body),
    signal: new AbortController().signal,
  });
  expect(response?.headers["content-length"]).toBe(String(response?.body.length));
  return response ?? { status: 0, headers: {}, body: "" };
}

function errorOf(response: SurfaceResponse): WireValue {
  expect(response.headers["content-type"]).toBe("application/x-msgpack");
  return msgpack.read(Buffer.from(response.body));
}

test.each([
  ["POST /nothing", 404, "NotFound"],
  ["GET /nothing", 404, "NotFound"],
  ["POST /task_type/get/", 404, "NotFound"],
  ["GET /task_type/get", 405, "MethodNotAllowed"],
  ["DELETE /", 405, "MethodNotAllowed"],
  ["POST /task_type/get_all", 503, "OperationalError"],
  ["POST //task_type//get_all", 503, "OperationalError"],
  ["POST /task_type/get", 500, "TypeError"],
])("%s is answered with %i", async (line, status, type) => {
  const response = await ask(line);
  expect(response.status).toBe(status);
  expect(errorOf(response)).toMatchObject({ type });
});

test("a method tells which verbs it takes", async () => {
  expect(await ask("OPTIONS /task/create")).toMatchObject({
    status: 200,
    headers: { allow: "POST, OPTIONS" },
  });
  expect((await ask("PUT /task/create")).headers["allow"]).toBe("POST, OPTIONS");
  expect((await ask("OPTIONS /site-map")).headers["allow"]).toBe("GET, HEAD, OPTIONS");
});

test.each([
  ["current", 34, 503],
  ["seed", 33, 404],
] as const)("the %s dialect has %i methods", async (dialect, count, status) => {
  const map = json.read(Buffer.from((await ask("GET /site-map", { dialect })).body));
  expect(map).toHaveLength(count);
  expect(map).toContainEqual({ rule: "/task/create", description: "create_tasks" });
  const body = {
    lister: { swhtype: "scheduler_model", d: { name: "n", instance_name: "", __type__: "Lister" } },
  };
  expect((await ask("POST /lister/visit_types", { dialect, body })).status).toBe(status);
});

test("what was asked for and cannot be is told by its name", async () => {
  const body = { task_type: "git", num_tasks: [1] };
  expect(errorOf(await ask("POST /task/peek_ready", { body }))).toMatchObject({
    type: "TypeError",
    args: ["num_tasks must be a whole number, not a list"],
    message: "num_tasks must be a whole number, not a list",
  });
});
