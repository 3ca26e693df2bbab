/**
 * Cuts a program's output into lines while it comes, holding no more of a line than its bound.
 * It works on bytes: a letter may be split between two chunks, and what is dropped is not decoded.
 */

/** One line without its line end. */
export interface RawLine {
  /** Its beginning, up to the bound; valid until the call returns. */
  readonly bytes: Buffer;
  /** How many bytes followed it that are lost. */
  readonly cutByteCount: number;
}

/** Bounds of lines, in bytes, and who takes them. */
export interface LineSplitterOptions {
  readonly bytesMax: number;
  /** The bound of lines that `mayBeLong` picks by their first bytes. */
  readonly longBytesMax: number;
  readonly mayBeLong: (head: Buffer) => boolean;
  readonly onLine: (line: RawLine) => void;
}

/** Lines end in LF or CR LF. */
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A splitter of one stream. */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  #held: Buffer[] = [];
  #heldByteCount = 0;
  #cutByteCount = 0;
  #isLong = false;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  /** Takes the next bytes and hands on the lines that end in them. */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#endLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** Hands on the last line, when the stream did not end it. */
  end(): void {
    if (this.#held.length > 0) this.#endLine(Buffer.alloc(0));
  }

  #endLine(rest: Buffer): void {
    const isWhole = this.#held.length === 0 && rest.length <= this.#options.bytesMax;
    if (!isWhole) this.#hold(rest);
    const bytes = isWhole ? rest : Buffer.concat(this.#held);
    const cutByteCount = this.#cutByteCount;
    this.#held = [];
    this.#heldByteCount = 0;
    this.#cutByteCount = 0;
    this.#isLong = false;
    const hasReturn = cutByteCount === 0 && bytes.at(-1) === carriageReturn;
    this.#options.onLine({ bytes: hasReturn ? bytes.subarray(0, -1) : bytes, cutByteCount });
  }

  #hold(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#roomFor(bytes));
    this.#cutByteCount += bytes.length - kept.length;
    if (kept.length === 0) return;
    // A copy: a short rest would keep the whole chunk that it is a part of.
    this.#held.push(Buffer.from(kept));
    this.#heldByteCount += kept.length;
  }

  #roomFor(bytes: Buffer): number {
    const { bytesMax, longBytesMax, mayBeLong } = this.#options;
    const fits = this.#heldByteCount + bytes.length <= bytesMax;
    // Once a byte is cut off the line stays cut, or it would have a hole.
    if (!fits && !this.#isLong && this.#cutByteCount === 0) {
      this.#isLong = mayBeLong(Buffer.concat([...this.#held, bytes]));
    }
    return Math.max(0, (this.#isLong ? longBytesMax : bytesMax) - this.#heldByteCount);
  }
}
