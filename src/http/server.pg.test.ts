/** The server over a real scheduler: who may, what is streamed, how it stops. */

import { get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";

import { openSchedulerRig, type SchedulerRig } from "../../test/conformance/rig.ts";
import type { OrreryOptions } from "../app/orrery-options.ts";
import { RemoteScheduler } from "../client/remote-scheduler.ts";
import { readEvents, type StreamEvent } from "../client/event-source.ts";
import { isRecord } from "../kernel/json.ts";
import { systemClock } from "../kernel/clock.ts";
import { defineTask } from "../model/define-task.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "./server.ts";

const echo = defineTask({
  name: "echo",
  run: ({ params, log }) => {
    log.info("heard");
    return params;
  },
});

async function openRig(
  options: OrreryOptions = {},
  serverOptions: Partial<HttpServerOptions> = {},
): Promise<SchedulerRig> {
  const rig = await openSchedulerRig({ tasks: [echo], ...options }, serverOptions);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

function clientOf({ url }: SchedulerRig, token?: string): RemoteScheduler {
  return new RemoteScheduler({ baseUrl: url, ...(token === undefined ? {} : { token }) });
}

/** An open stream of the server, read event by event. */
async function openStream(rig: Pick<SchedulerRig, "url">, path: string, lastEventId?: string) {
  const leave = new AbortController();
  const response = await fetch(`${rig.url}/api/v1${path}`, {
    signal: leave.signal,
    ...(lastEventId === undefined ? {} : { headers: { "last-event-id": lastEventId } }),
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events = readEvents(response.body ?? new ReadableStream());
  // The opening comment: from here on nothing is missed.
  expect(await events.next()).toMatchObject({ value: { name: "beat" } });
  const next = async (): Promise<StreamEvent> => {
    const { value } = await events.next();
    return value ?? { name: "over", data: "", id: undefined };
  };
  return { next, leave };
}

function outputOf({ data }: StreamEvent): unknown {
  const event: unknown = JSON.parse(data);
  return isRecord(event) ? event["output"] : undefined;
}

/** One more server over a scheduler, not listening yet. */
function secondServer(orrery: SchedulerRig["orrery"]): HttpServer {
  const server = createHttpServer({
    scheduler: orrery,
    auth: orrery,
    clock: systemClock,
    version: "test",
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  onTestFinished(() => server.close());
  return server;
}

test("beyond loopback a valid token must exist, and every request needs one", async () => {
  const { orrery } = await openRig({ worker: false });
  const server = secondServer(orrery);
  const listen = () => server.listen({ host: "0.0.0.0", port: 0 });
  const refused = { code: "ORR_CONFIG_LISTEN", message: expect.stringContaining("token create") };
  await expect(listen()).rejects.toMatchObject(refused);
  const old = await orrery.createToken({ name: "old", role: "admin" });
  await orrery.revokeToken(old.token.id);
  await expect(listen()).rejects.toMatchObject(refused);
  const { secret } = await orrery.createToken({ name: "new", role: "viewer" });
  const { port } = await listen();
  const baseUrl = `http://127.0.0.1:${port}`;
  await expect(new RemoteScheduler({ baseUrl }).getSystem()).rejects.toMatchObject({
    code: "ORR_ACCESS_UNAUTHENTICATED",
    name: "AccessError",
  });
  await expect(new RemoteScheduler({ baseUrl, token: secret }).getSystem()).resolves.toBeDefined();
  expect((await fetch(`${baseUrl}/metrics`)).status).toBe(401);
  for (const path of ["/healthz", "/readyz", "/api/v1/"]) {
    expect((await fetch(`${baseUrl}${path}`)).status, path).toBe(200);
  }
});

test("a token may do what its role may, until it is revoked", async () => {
  const rig = await openRig({ worker: false });
  const make = (role: "viewer" | "operator" | "admin") =>
    rig.orrery.createToken({ name: role, role });
  const [viewer, operator, admin] = [
    await make("viewer"),
    await make("operator"),
    await make("admin"),
  ];
  const forbidden = { code: "ORR_ACCESS_FORBIDDEN" };
  const asViewer = clientOf(rig, viewer.secret);
  await expect(asViewer.listTasks()).resolves.toBeDefined();
  await expect(asViewer.createTask({ type: "echo" })).rejects.toMatchObject(forbidden);
  const asOperator = clientOf(rig, operator.secret);
  await expect(asOperator.createTask({ type: "echo" })).resolves.toBeDefined();
  const triggers = [{ kind: "interval", everyMs: 3_600_000 }];
  const { id, triggers: stored } = await asOperator.createTask({ type: "echo", triggers });
  const triggerId = stored[0]?.id ?? 0;
  await expect(asViewer.getTrigger(triggerId)).resolves.toEqual(stored[0]);
  await expect(asViewer.listOccurrences(triggerId)).resolves.toEqual([]);
  for (const change of [
    (each: RemoteScheduler) => each.addTrigger(id, { kind: "interval", everyMs: 60_000 }),
    (each: RemoteScheduler) => each.updateTrigger(triggerId, { maxInstances: 2 }),
    (each: RemoteScheduler) => each.pauseTrigger(triggerId),
    (each: RemoteScheduler) => each.resumeTrigger(triggerId),
    (each: RemoteScheduler) => each.removeTrigger(triggerId),
  ]) {
    await expect(change(asViewer)).rejects.toMatchObject(forbidden);
    await change(asOperator);
  }
  await expect(asOperator.listTokens()).rejects.toMatchObject(forbidden);
  await clientOf(rig, admin.secret).revokeToken(viewer.token.id);
  await expect(asViewer.listTasks()).rejects.toMatchObject({ code: "ORR_ACCESS_UNAUTHENTICATED" });
});

test("events of runs are streamed by filter, and go on after the last one seen", async () => {
  const rig = await openRig();
  const all = await openStream(rig, "/runs/events");
  const none = await openStream(rig, "/runs/events?type=other");
  const outputs: unknown[] = [];
  const ids: (string | undefined)[] = [];
  for (const word of ["a", "b", "c"]) {
    await rig.orrery.run(echo, word);
    const event = await all.next();
    outputs.push(outputOf(event));
    ids.push(event.id);
  }
  expect(outputs).toEqual(["a", "b", "c"]);
  expect(ids[0]).toMatch(/^\d+\.1$/);
  const back = await openStream(rig, "/runs/events", ids[0]);
  expect([outputOf(await back.next()), outputOf(await back.next())]).toEqual(["b", "c"]);
  const lost = await openStream(rig, "/runs/events", "1.77");
  expect((await lost.next()).name).toBe("missed");
  none.leave.abort();
  all.leave.abort();
});

test("a stream goes on where it was after the server was started anew", async () => {
  const rig = await openRig();
  const first = await openStream(rig, "/runs/events");
  await rig.orrery.run(echo, "a");
  const { id: seen = "" } = await first.next();
  await rig.orrery.run(echo, "b");
  const anew = await secondServer(rig.orrery).listen({ host: "127.0.0.1", port: 0 });
  const back = await openStream(anew, "/runs/events", seen);
  const asked = await openStream(anew, `/runs/events?after=${seen}&type=echo`);
  expect([outputOf(await back.next()), outputOf(await asked.next())]).toEqual(["b", "b"]);
  await rig.orrery.run(echo, "c");
  expect([outputOf(await back.next()), outputOf(await asked.next())]).toEqual(["c", "c"]);
});

test("a log is streamed to the end of its run, and goes on after the last line seen", async () => {
  const rig = await openRig({ worker: false });
  const [id = 0] = await rig.orrery.enqueue([{ type: "echo" }]);
  const stream = await openStream(rig, `/runs/${id}/logs/stream`);
  await rig.orrery.cancelRun(id);
  expect(await stream.next()).toMatchObject({ name: "end" });
  expect(await stream.next()).toMatchObject({ name: "over" });
  const unknown = await fetch(`${rig.url}/api/v1/runs/999/logs/stream`);
  expect(unknown.status).toBe(404);
});

test("a wait answers the run as it is when the time is up", async () => {
  const rig = await openRig({ worker: false });
  const [id = 0] = await rig.orrery.enqueue([{ type: "echo" }]);
  const response = await fetch(`${rig.url}/api/v1/runs/${id}/wait?timeoutMs=5`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id, state: "queued" });
  const tooLong = await fetch(`${rig.url}/api/v1/runs/${id}/wait?timeoutMs=60001`);
  expect(tooLong.status).toBe(400);
});

test("closing ends streams and waits, and answers what is under way", async () => {
  const rig = await openRig({ worker: false });
  const [id = 0] = await rig.orrery.enqueue([{ type: "echo" }]);
  const stream = await openStream(rig, "/runs/events");
  const log = await openStream(rig, `/runs/${id}/logs/stream`);
  const wait = get(`${rig.url}/api/v1/runs/${id}/wait`);
  await once(wait, "finish");
  // The stream's answer came after the wait was taken up, or the wait finds the server closed.
  const answered = once(wait, "response");
  await openStream(rig, "/runs/events");
  await rig.server.close();
  const [response]: IncomingMessage[] = await answered;
  expect(response?.statusCode).toBe(200);
  expect(await stream.next()).toMatchObject({ name: "over" });
  expect(await log.next()).toMatchObject({ name: "over" });
  await expect(fetch(`${rig.url}/healthz`)).rejects.toThrow("fetch failed");
});

test("a client that has gone is not followed for", async () => {
  const rig = await openRig({ worker: false });
  const [id = 0] = await rig.orrery.enqueue([{ type: "echo" }]);
  const streams = await Promise.all([
    openStream(rig, "/runs/events"),
    openStream(rig, `/runs/${id}/logs/stream`),
  ]);
  for (const { leave } of streams) leave.abort();
  // Closing waits for every connection: a stream that was not let go of would hold it.
  await rig.server.close();
  expect(rig.errors).toEqual([]);
});

test("the probes see the database, and the metrics what it knows", async () => {
  const rig = await openRig();
  await rig.orrery.run(echo, 1);
  await rig.orrery.pauseTaskType("echo");
  await rig.orrery.enqueue([{ type: "echo" }]);
  const ready = await fetch(`${rig.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready" }]);
  const text = await (await fetch(`${rig.url}/metrics`)).text();
  expect(text).toContain("orrery_database_up 1");
  expect(text).toMatch(/orrery_runs\{type="echo",state="\w+"\} 1/);
  expect(text).toContain('orrery_workers{state="live"} 1');
  expect(text).toContain('orrery_http_requests_total{operation="other",status="200"}');
});

test("every operation shown on the page can be called as the page shows it", async () => {
  const rig = await openRig({ worker: false });
  const page = await (await fetch(`${rig.url}/api/v1/`)).text();
  const lines = [...page.matchAll(/<code>(curl [^<]*)<\/code>/g)].map((match) =>
    (match[1] ?? "").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&"),
  );
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) {
    if (line.startsWith("curl -N")) continue;
    const [, path = ""] = /"\$ORRERY_SERVER([^"]*)"$/.exec(line) ?? [];
    const [, method = "GET"] = / -X (\w+)/.exec(line) ?? [];
    const [, body] = / -d '([^']*)'/.exec(line) ?? [];
    const response = await fetch(`${rig.url}${path.replace("/wait", "/wait?timeoutMs=0")}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
    // The examples name records that are not here; nothing else may be wrong with them.
    expect([200, 201, 204, 404], `${line}: ${await response.text()}`).toContain(response.status);
  }
});
