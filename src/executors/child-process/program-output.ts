/** What a program prints: its log lines, its reports, and its last words for an error. */

import { ExecutorError, messageOf } from "../../kernel/errors.ts";
import type { NodeAddition } from "../../model/graph.ts";
import type { LogLevel } from "../../model/run.ts";
import { type AttemptLog, messageLettersMax } from "../attempt/attempt-log.ts";
import { outputBytesMax } from "../attempt/kept-json.ts";
import { LineSplitter, type RawLine } from "./line-splitter.ts";
import { type ChildReport, looksLikeReport, mayAddNodes, readReport } from "./report.ts";

/** Bytes of a log line that are kept: 8 KiB less the mark of a cut. */
const lineBytesMax = messageLettersMax - 64;
/** Bytes of a report line: an output of the largest size, and what stands around it. */
const reportBytesMax = outputBytesMax + 4_096;
/** Lines of standard error that an error repeats, and the bytes of each. */
const lastWordCountMax = 20;
const lastWordBytesMax = 500;

/** What a program said besides its log lines; of each kind the last. */
export interface ProgramStatements {
  readonly output: { readonly value: unknown } | undefined;
  /** The report that named an outcome. */
  readonly outcome: ChildReport | undefined;
  /** Set when a report could not be read whose output or nodes must not be lost unseen. */
  readonly problem: ExecutorError | undefined;
  /** The end of its standard error, oldest line first. */
  readonly lastWords: readonly string[];
}

/** Where what a program prints goes. */
export interface ProgramOutputOptions {
  readonly log: AttemptLog;
  /** Told of nodes for the graph as soon as they are named. */
  readonly onAddition: (addition: NodeAddition) => void;
}

/** Takes what one program prints. */
export class ProgramOutput {
  readonly stdout: LineSplitter;
  readonly stderr: LineSplitter;
  readonly #log: AttemptLog;
  readonly #onAddition: (addition: NodeAddition) => void;
  readonly #lastWords: Buffer[] = [];
  #output: { readonly value: unknown } | undefined;
  #outcome: ChildReport | undefined;
  #problem: ExecutorError | undefined;

  constructor({ log, onAddition }: ProgramOutputOptions) {
    this.#log = log;
    this.#onAddition = onAddition;
    this.stdout = new LineSplitter({
      bytesMax: lineBytesMax,
      longBytesMax: reportBytesMax,
      mayBeLong: looksLikeReport,
      onLine: (line) => this.#takeStdout(line),
    });
    this.stderr = new LineSplitter({
      bytesMax: lineBytesMax,
      longBytesMax: lineBytesMax,
      mayBeLong: () => false,
      onLine: (line) => this.#takeStderr(line),
    });
  }

  /** Ends both streams and says what came over them. */
  finish(): ProgramStatements {
    this.stdout.end();
    this.stderr.end();
    return {
      output: this.#output,
      outcome: this.#outcome,
      problem: this.#problem,
      lastWords: this.#lastWords.map((bytes) => textOf({ bytes, cutByteCount: 0 })),
    };
  }

  #takeStdout(line: RawLine): void {
    if (looksLikeReport(line.bytes)) this.#takeReport(line);
    else this.#write("info", line);
  }

  #takeStderr(line: RawLine): void {
    this.#write("warn", line);
    if (line.bytes.length === 0) return;
    this.#lastWords.push(Buffer.from(line.bytes.subarray(0, lastWordBytesMax)));
    if (this.#lastWords.length > lastWordCountMax) this.#lastWords.shift();
  }

  #write(level: LogLevel, line: RawLine): void {
    // A flood of lines that nobody keeps is not decoded either.
    if (this.#log.isFull) this.#log.drop(line.bytes.length + line.cutByteCount);
    else this.#log.line(level, textOf(line));
  }

  #takeReport(line: RawLine): void {
    if (line.cutByteCount > 0) {
      const byteCount = line.bytes.length + line.cutByteCount;
      this.#fail(`a report of ${byteCount} bytes is over the ${reportBytesMax} that are read`);
      return;
    }
    const text = textOf(line);
    try {
      this.#follow(readReport(text));
    } catch (problem) {
      const message = `a report was not understood: ${messageOf(problem)}`;
      if (mayAddNodes(text)) this.#fail(message);
      else this.#log.line("warn", message);
    }
  }

  #fail(message: string): void {
    this.#problem = new ExecutorError("ORR_EXEC_FAILED", message);
    this.#log.line("warn", message);
  }

  #follow(report: ChildReport): void {
    if (report.fraction !== undefined) this.#log.progress(report.fraction, report.message);
    if (report.output !== undefined) this.#output = report.output;
    if (report.outcome !== undefined) this.#outcome = report;
    if (report.addition !== undefined) this.#onAddition(report.addition);
  }
}

/** The line as text; bytes that are no UTF-8 become U+FFFD. */
function textOf({ bytes, cutByteCount }: RawLine): string {
  // In streaming mode a decoder leaves out a letter of which only the beginning is there, which
  // is what remains of one at the cut.
  const text = new TextDecoder().decode(bytes, { stream: cutByteCount > 0 });
  return cutByteCount === 0 ? text : `${text} … [${cutByteCount} bytes cut]`;
}
