import { expect, test } from "vitest";

import type { RunEventRecord } from "../api/records.ts";
import type { FollowRunsQuery } from "../api/wire.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import type { ServerEvent } from "./event-stream.ts";
import { eventIdOf, RunEventHub } from "./run-event-hub.ts";

function eventOf(runId: number, type = "a"): RunEventRecord {
  return {
    runId,
    type,
    taskId: runId % 2 === 0 ? 2 : null,
    graphId: runId % 3 === 0 ? 9 : null,
    node: runId % 3 === 0 ? "n" : null,
    attempt: 1,
    outcome: "eventful",
    workerId: 1,
    fence: 1,
    startedAt: "2026-03-01T09:00:00.000000Z",
    finishedAt: "2026-03-01T09:00:01.000000Z",
    output: null,
    error: null,
    final: true,
  };
}

type Look = WritableStreamDefaultWriter<RunEventRecord>;

/**
 * A hub over a source that the test feeds; each look opens a new one. One that begins after an
 * attempt, which is a client's own, begins with what the history has from there.
 */
function openHub({ history = [] }: { readonly history?: readonly RunEventRecord[] } = {}) {
  const clock = createManualClock();
  const looks: Look[] = [];
  const ownLooks: Look[] = [];
  const warnings: string[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_: object, message: string) => void warnings.push(message),
    error: () => undefined,
  };
  const hub = new RunEventHub({
    clock,
    log,
    follow: ({ signal, after }) => {
      const place = history.findIndex((event) => eventIdOf(event) === after);
      if (after !== undefined && place === -1) throw unknownPlace;
      const look = new TransformStream<RunEventRecord, RunEventRecord>(undefined, {
        highWaterMark: 10_000,
      });
      const source = look.writable.getWriter();
      signal?.addEventListener("abort", () => void source.close().catch(() => undefined));
      for (const event of after === undefined ? [] : history.slice(place + 1)) {
        feed(source, event);
      }
      (after === undefined ? looks : ownLooks).push(source);
      return look.readable;
    },
  });
  return { clock, hub, looks, ownLooks, warnings };
}

/** Writes to a look that may not ask for it, or be over by then. */
function feed(look: Look | undefined, event: RunEventRecord): void {
  look?.write(event).catch(() => undefined);
}

const unknownPlace = new InvalidInputError("ORR_INPUT_CURSOR", "no such place");

/** A client of the hub, with the ids and names of what it was told. */
function join(
  hub: RunEventHub,
  { lastEventId, ...query }: { lastEventId?: string } & FollowRunsQuery = {},
) {
  const leave = new AbortController();
  const events = hub.subscribe({ query, lastEventId, signal: leave.signal });
  const next = async (): Promise<string> => told((await events.next()).value ?? undefined);
  return { events, next, leave };
}

function told(event: ServerEvent | undefined): string {
  return event?.name ?? event?.id ?? "over";
}

test("one look serves all clients, each with its own filter", async () => {
  const { hub, looks } = openHub();
  const all = join(hub);
  const typed = join(hub, { type: "b" });
  const tasked = join(hub, { taskId: 2 });
  const graph = join(hub, { graphId: 9 });
  const first = Promise.all([all.next(), typed.next(), tasked.next(), graph.next()]);
  await looks[0]?.write(eventOf(1, "b"));
  await looks[0]?.write(eventOf(2, "a"));
  await looks[0]?.write(eventOf(3, "a"));
  expect(await first).toEqual(["1.1", "1.1", "2.1", "3.1"]);
  expect(await all.next()).toBe("2.1");
  expect(looks).toHaveLength(1);
});

test("a client that comes back is told what it missed, and then goes on", async () => {
  const { hub, looks } = openHub();
  const watcher = join(hub);
  const first = watcher.next();
  for (const id of [1, 2, 3, 4]) await looks[0]?.write(eventOf(id));
  expect(await first).toBe("1.1");
  expect([await watcher.next(), await watcher.next(), await watcher.next()]).toHaveLength(3);
  const back = join(hub, { lastEventId: "2.1" });
  expect([await back.next(), await back.next()]).toEqual(["3.1", "4.1"]);
  const live = back.next();
  await looks[0]?.write(eventOf(5));
  expect(await live).toBe("5.1");
});

test("a client whose place is not known any more is told that it missed something", async () => {
  const { hub, looks } = openHub();
  const back = join(hub, { lastEventId: "77.1" });
  expect(await back.next()).toBe("missed");
  const live = back.next();
  await looks[0]?.write(eventOf(80));
  expect(await live).toBe("80.1");
});

test("a client from before the look reads the history until it meets the others", async () => {
  const { hub, looks, ownLooks } = openHub({ history: [1, 2, 3, 4].map((id) => eventOf(id)) });
  const back = join(hub, { lastEventId: "2.1" });
  expect([await back.next(), await back.next()]).toEqual(["3.1", "4.1"]);
  const met = back.next();
  // The client's own look is first with one event, and late with the next ones.
  feed(ownLooks[0], eventOf(5));
  expect(await met).toBe("5.1");
  for (const id of [5, 6, 7]) await looks[0]?.write(eventOf(id));
  feed(ownLooks[0], eventOf(6));
  expect([await back.next(), await back.next()]).toEqual(["6.1", "7.1"]);
  const live = back.next();
  const ending = ownLooks[0]?.closed.then(
    () => "open",
    () => "over",
  );
  expect(await ending).toBe("over");
  await looks[0]?.write(eventOf(8));
  expect(await live).toBe("8.1");
});

test("a client that was ahead of the others when it met them is told nothing twice", async () => {
  const { hub, looks, ownLooks } = openHub({ history: [1, 2].map((id) => eventOf(id)) });
  const back = join(hub, { lastEventId: "1.1" });
  expect(await back.next()).toBe("2.1");
  for (const id of [3, 4, 5]) feed(ownLooks[0], eventOf(id));
  expect([await back.next(), await back.next(), await back.next()]).toEqual(["3.1", "4.1", "5.1"]);
  const other = join(hub);
  const met = other.next();
  feed(looks[0], eventOf(3));
  expect(await met).toBe("3.1");
  // They have met at the third, and the look of all comes to the others only now.
  const live = back.next();
  for (const id of [4, 5, 6]) feed(looks[0], eventOf(id));
  expect(await live).toBe("6.1");
});

test("a client is not told of the event that it was at, though all others are", async () => {
  const { hub, looks } = openHub({ history: [1, 2].map((id) => eventOf(id)) });
  const other = join(hub);
  const offered = other.next();
  const back = join(hub, { lastEventId: "1.1" });
  const next = back.next();
  for (const id of [1, 2, 3]) feed(looks[0], eventOf(id));
  expect(await offered).toBe("1.1");
  expect(await next).toBe("2.1");
  expect(await back.next()).toBe("3.1");
});

test("a place in the query is where a client begins, unless it comes back", async () => {
  const { hub, ownLooks } = openHub({ history: [1, 2, 3].map((id) => eventOf(id)) });
  expect(await join(hub, { after: "1.1" }).next()).toBe("2.1");
  expect(await join(hub, { after: "1.1", lastEventId: "2.1" }).next()).toBe("3.1");
  expect(ownLooks).toHaveLength(2);
});

test("a client that cannot catch up is let go without a gap", async () => {
  const { hub, looks } = openHub({ history: [1, 2, 3].map((id) => eventOf(id)) });
  const back = join(hub, { lastEventId: "1.1" });
  expect(await back.next()).toBe("2.1");
  for (let id = 10; id < 1_100; id += 1) await looks[0]?.write(eventOf(id));
  expect(await back.next()).toBe("over");
});

test("a client that does not keep up is let go, and can come back for the rest", async () => {
  const { hub, looks } = openHub();
  const slow = join(hub);
  const fast = join(hub);
  const reading = (async () => {
    for (let id = 1; id <= 1_200; id += 1) expect(await fast.next()).toBe(`${id}.1`);
  })();
  const first = slow.next();
  for (let id = 1; id <= 1_200; id += 1) await looks[0]?.write(eventOf(id));
  await reading;
  const seen = [await first];
  for (let place = await slow.next(); place !== "over"; place = await slow.next()) seen.push(place);
  expect(seen.length).toBeLessThan(1_200);
  const back = join(hub, { lastEventId: seen.at(-1) ?? "" });
  expect(await back.next()).toBe(`${seen.length + 1}.1`);
});

test("when the look breaks off all are told, and the next client starts a new one", async () => {
  const { hub, looks, warnings } = openHub();
  const client = join(hub);
  const waiting = client.events.next();
  const failure = new TypeError("database gone");
  await looks[0]?.abort(failure);
  await expect(waiting).rejects.toBe(failure);
  expect(warnings).toEqual(["run events broke off"]);
  const late = join(hub, { lastEventId: "1.1" });
  expect(await late.next()).toBe("missed");
  const live = late.next();
  await looks[1]?.write(eventOf(9));
  expect(await live).toBe("9.1");
});

test("without clients the look lingers for a minute, for those who come back", async () => {
  const { clock, hub, looks } = openHub();
  const client = join(hub);
  const first = client.next();
  await looks[0]?.write(eventOf(1));
  await first;
  client.leave.abort();
  expect(await client.next()).toBe("over");
  clock.advance(59_000);
  const back = join(hub, { lastEventId: "1.1" });
  const live = back.next();
  await looks[0]?.write(eventOf(2));
  expect(await live).toBe("2.1");
  back.leave.abort();
  await back.next();
  clock.advance(60_000);
  const late = join(hub, { lastEventId: "2.1" });
  expect(await late.next()).toBe("missed");
  expect(looks).toHaveLength(2);
});

test("stopping leaves no timer behind", async () => {
  const { clock, hub } = openHub();
  const client = join(hub);
  const waiting = client.next();
  client.leave.abort();
  expect(await waiting).toBe("over");
  hub.stop();
  expect(clock.timerCount).toBe(0);
});
