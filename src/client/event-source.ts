/**
 * Reads server-sent events from bytes. Lines may end in CR, LF or both, and chunks may break
 * anywhere, within a letter too.
 * @source WHATWG HTML, 9.2.6 Interpreting an event stream
 */

import { ProtocolError } from "../kernel/errors.ts";

/** Letters of one event; more mean that the peer is no server of ours. */
const eventLettersMax = 16_777_216;

/** One event, or a comment as `beat`: a sign of life. */
export interface StreamEvent {
  /** `message` for events without a name of their own. */
  readonly name: string;
  readonly data: string;
  /** The last id that the stream gave; undefined before the first. */
  readonly id: string | undefined;
}

/** Takes text apart into events, chunk by chunk. */
export class EventParser {
  #rest = "";
  #name = "";
  #id: string | undefined;
  #data: string[] = [];
  #size = 0;
  #endedInCr = false;

  /**
   * The events that `chunk` completes.
   * @throws ProtocolError `ORR_PROTO_RESPONSE` for an event without end
   */
  push(chunk: string): readonly StreamEvent[] {
    // A line that ended in CR has ended; an LF that comes with the next chunk belongs to it.
    const text = this.#endedInCr ? chunk.replace(/^\n/, "") : chunk;
    if (chunk !== "") this.#endedInCr = chunk.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    this.#size += chunk.length;
    const events = lines.flatMap((line) => this.#take(line));
    if (events.length > 0) this.#size = this.#rest.length;
    if (this.#size <= eventLettersMax) return events;
    throw new ProtocolError("ORR_PROTO_RESPONSE", "an event of the stream does not end", {
      details: { lettersMax: eventLettersMax },
    });
  }

  #take(line: string): readonly StreamEvent[] {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return [{ name: "beat", data: "", id: this.#id }];
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    if (field === "id" && !value.includes("\0")) this.#id = value;
    return [];
  }

  #dispatch(): readonly StreamEvent[] {
    const name = this.#name === "" ? "message" : this.#name;
    const data = this.#data;
    this.#name = "";
    this.#data = [];
    return data.length === 0 ? [] : [{ name, data: data.join("\n"), id: this.#id }];
  }
}

/** The events of a stream of bytes, which is let go of when the reader stops. */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // A stream that broke cannot be cancelled any more; there is nothing left to let go of.
    await reader.cancel().catch(() => undefined);
  }
}
