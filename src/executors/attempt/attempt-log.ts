/**
 * The log and the progress of one attempt, on their way to the engine: cut to what the history
 * keeps, counted, and shut once the attempt has ended, so that code which was given up on cannot
 * write into what comes after it.
 */

import { isRecord, type JsonObject } from "../../kernel/json.ts";
import type { AttemptSink } from "../../model/executor.ts";
import type { LogLevel } from "../../model/run.ts";
import { keptJson } from "./kept-json.ts";
import { keptText } from "./kept-text.ts";

/** Lines that an attempt keeps. */
export const logLineCountMax = 10_000;
/** Bytes of UTF-8 that the messages and data of an attempt may have together: 1 MiB. */
export const logBytesMax = 1_048_576;
/** Letters of one message, 8 Ki; a longer one is cut. */
export const messageLettersMax = 8_192;
/** Bytes of one line's data as JSON; more is left out. */
const dataBytesMax = 16_384;
/** Letters of a progress message. */
const progressLettersMax = 500;

/** Where the lines of one attempt go. */
export interface AttemptLog {
  /** Writes a line, as long as there is room for it. Never throws. */
  line(level: LogLevel, message: string, data?: JsonObject): void;
  /** Writes a line of the executor's own, room or not. */
  notice(level: LogLevel, message: string): void;
  /** Counts a line of `byteCount` bytes as dropped, for who sees that `isFull` beforehand. */
  drop(byteCount: number): void;
  /** Whether further lines are only counted. */
  readonly isFull: boolean;
  /** Passes on progress: `fraction` is brought into 0 to 1, no number is null. Never throws. */
  progress(fraction: number | null, message?: string): void;
  /** Says how much was dropped, if anything was; all later calls are ignored. */
  close(): void;
}

/** Opens the log of an attempt. */
export function openAttemptLog(sink: AttemptSink): AttemptLog {
  return new BoundedLog(sink);
}

class BoundedLog implements AttemptLog {
  readonly #sink: AttemptSink;
  #lineCount = 0;
  #byteCount = 0;
  #droppedLineCount = 0;
  #droppedByteCount = 0;
  #isFull = false;
  #isClosed = false;

  constructor(sink: AttemptSink) {
    this.#sink = sink;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  line(level: LogLevel, message: string, data?: JsonObject): void {
    if (this.#isClosed) return;
    const text = keptText(shownText(message), messageLettersMax);
    const kept = data === undefined ? undefined : keptData(data);
    const byteCount = Buffer.byteLength(text) + byteCountOf(kept);
    // What is kept is the beginning of the log, without gaps: after the first line that does not
    // fit none is taken, short as it may be.
    this.#isFull ||=
      this.#lineCount >= logLineCountMax || this.#byteCount + byteCount > logBytesMax;
    if (this.#isFull) return this.drop(byteCount);
    this.#lineCount += 1;
    this.#byteCount += byteCount;
    this.#sink.log(level, text, kept);
  }

  notice(level: LogLevel, message: string): void {
    if (!this.#isClosed) this.#sink.log(level, keptText(message, messageLettersMax));
  }

  drop(byteCount: number): void {
    this.#droppedLineCount += 1;
    this.#droppedByteCount += byteCount;
  }

  progress(fraction: number | null, message?: string): void {
    if (this.#isClosed) return;
    const known = typeof fraction === "number" && !Number.isNaN(fraction);
    const bounded = known ? Math.min(Math.max(fraction, 0), 1) : null;
    if (message === undefined) this.#sink.progress(bounded);
    else this.#sink.progress(bounded, keptText(shownText(message), progressLettersMax));
  }

  close(): void {
    if (this.#droppedLineCount > 0) {
      this.notice(
        "warn",
        `${this.#droppedLineCount} more lines (${this.#droppedByteCount} bytes) were dropped: ` +
          `an attempt keeps ${logLineCountMax} lines and ${logBytesMax} bytes`,
      );
    }
    this.#isClosed = true;
  }
}

/** Handlers in JavaScript hand over anything as a message. */
function shownText(message: unknown): string {
  if (typeof message === "string") return message;
  try {
    return String(message);
  } catch {
    return "a message that is no text";
  }
}

function keptData(data: unknown): JsonObject {
  try {
    const kept = keptJson(data, { field: "data", bytesMax: dataBytesMax });
    return isRecord(kept) ? kept : { value: kept };
  } catch (problem) {
    return { dataLeftOut: problem instanceof Error ? keptText(problem.message, 200) : "" };
  }
}

function byteCountOf(data: JsonObject | undefined): number {
  return data === undefined ? 0 : Buffer.byteLength(JSON.stringify(data));
}
