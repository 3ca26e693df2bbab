import fc from "fast-check";
import { expect, test } from "vitest";

import { EventParser, readEvents, type StreamEvent } from "./event-source.ts";

async function eventsOf(chunks: readonly Uint8Array[]): Promise<readonly StreamEvent[]> {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return Array.fromAsync(readEvents(stream));
}

/** Bytes cut at any places, also inside a letter. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (left, right) => left - right,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test("names, ids and data of several lines are read, comments are beats", async () => {
  const text = ": hello\n\nid: 7\ndata: a\ndata:b\n\nevent: end\ndata\n\ndata: lost";
  expect(await eventsOf([new TextEncoder().encode(text)])).toEqual([
    { name: "beat", data: "", id: undefined },
    { name: "message", data: "a\nb", id: "7" },
    { name: "end", data: "", id: "7" },
  ]);
});

test("however bytes are cut and lines end, the events are the same", async () => {
  const letters = fc.string({ unit: "grapheme", maxLength: 20 }).map((each) => each.toWellFormed());
  const line = letters.map((each) => each.replace(/[\r\n\0]/g, ""));
  const event = fc.record({ id: line, name: line, data: fc.array(line, { minLength: 1 }) });
  const events = fc.array(event, { maxLength: 5 });
  const end = fc.constantFrom("\n", "\r", "\r\n");
  await fc.assert(
    fc.asyncProperty(events, end, fc.array(fc.nat(), { maxLength: 8 }), async (sent, eol, cuts) => {
      const text = sent
        .map(({ id, name, data }) =>
          [`id: ${id}`, `event: ${name}`, ...data.map((each) => `data: ${each}`), "", ""].join(eol),
        )
        .join("");
      const came = await eventsOf(cut(new TextEncoder().encode(text), cuts));
      expect(came).toEqual(
        sent.map(({ id, name, data }) => ({
          id,
          name: name === "" ? "message" : name,
          data: data.join("\n"),
        })),
      );
    }),
  );
});

test("a peer that never ends an event is given up", () => {
  const parser = new EventParser();
  const chunk = "x".repeat(1_048_576);
  expect(() => {
    for (let count = 0; count < 20; count += 1) parser.push(chunk);
  }).toThrow(/does not end/);
});

test("who stops reading lets go of the connection", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const event of readEvents(stream)) {
    expect(event.data).toBe("1");
    break;
  }
  expect(cancelled).toBe(true);
});
