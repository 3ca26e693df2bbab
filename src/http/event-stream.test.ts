import { expect, test } from "vitest";

import { NotFoundError } from "../kernel/errors.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { encodeEvent, eventStreamText, heartbeatMs, type ServerEvent } from "./event-stream.ts";

/** A stream over a source that the test feeds. */
function openStream({ finite = true }: { readonly finite?: boolean } = {}) {
  const clock = createManualClock();
  const stop = new AbortController();
  const failures: unknown[] = [];
  const feed = new TransformStream<ServerEvent, ServerEvent>(undefined, { highWaterMark: 10 });
  const text = eventStreamText(feed.readable, {
    finite,
    clock,
    signal: stop.signal,
    onFailure: (thrown) => failures.push(thrown),
  });
  const next = async () => (await text.next()).value;
  return { clock, stop, failures, source: feed.writable.getWriter(), text, next };
}

test("events are written with id and data, a finite stream ends with `end`", async () => {
  const { source, next, text } = openStream();
  void source.write({ id: "1.2", data: { message: "a\nb" } });
  void source.close();
  expect(await next()).toBe("retry: 1000\n: open\n\n");
  expect(await next()).toBe('id: 1.2\ndata: {"message":"a\\nb"}\n\n');
  expect(await next()).toBe("event: end\ndata: {}\n\n");
  expect(await text.next()).toEqual({ done: true, value: undefined });
});

test("an endless stream whose source is done says nothing: the client comes back", async () => {
  const { source, next, text } = openStream({ finite: false });
  void source.close();
  await next();
  expect(await text.next()).toEqual({ done: true, value: undefined });
});

test("silence is filled with heartbeats, and no event is lost meanwhile", async () => {
  const { clock, source, next } = openStream();
  await next();
  for (const _ of [1, 2]) {
    const beat = next();
    clock.advance(heartbeatMs);
    expect(await beat).toBe(": beat\n\n");
  }
  const event = next();
  void source.write({ data: 1 });
  expect(await event).toBe("data: 1\n\n");
  expect(clock.timerCount).toBe(0);
});

test("a failure is told in the form of all errors, and to the server's log", async () => {
  const { source, next, text, failures } = openStream();
  const failure = new NotFoundError("ORR_NOT_FOUND_RUN", "no run has the id 7");
  await next();
  void source.abort(failure).catch(() => undefined);
  expect(await next()).toBe(
    encodeEvent({
      name: "failure",
      data: {
        error: {
          code: "ORR_NOT_FOUND_RUN",
          message: "no run has the id 7",
          details: {},
        },
      },
    }),
  );
  expect(await text.next()).toMatchObject({ done: true });
  expect(failures).toEqual([failure]);
});

test("what a bug threw is not shown to the client", async () => {
  const { source, next } = openStream();
  await next();
  void source.abort(new TypeError("secret of the implementation")).catch(() => undefined);
  const told = await next();
  expect(told).toContain("ORR_STORE_UNAVAILABLE");
  expect(told).not.toContain("secret");
});

test("stopping ends a waiting stream without a word", async () => {
  const { clock, stop, next, text, failures } = openStream();
  await next();
  const waiting = text.next();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(failures).toEqual([]);
  expect(clock.timerCount).toBe(0);
});

test("a reader that stops lets go of the source", async () => {
  const feed = new TransformStream<ServerEvent, ServerEvent>();
  const text = eventStreamText(feed.readable, {
    finite: true,
    clock: createManualClock(),
    signal: new AbortController().signal,
    onFailure: () => undefined,
  });
  const source = feed.writable.getWriter();
  void source.write({ data: 1 });
  await text.next();
  await text.next();
  await text.return();
  await expect(source.closed).rejects.toBeUndefined();
});
