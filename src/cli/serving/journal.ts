/**
 * What a server or worker process tells while it works: lines for people on a terminal, JSON lines
 * for log collectors elsewhere.
 */

import { pino } from "pino";
import { formatInstant } from "../../kernel/instant.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { LogLevel } from "../../model/run.ts";
import type { Shell } from "../shell.ts";
import type { Style } from "../terminal/styling.ts";
import { onOneLine } from "../terminal/text-width.ts";

/** One thing to tell. */
export interface Entry {
  readonly level: LogLevel;
  /** Stable name of what happened, such as `run.ended`; programs go by this. */
  readonly event: string;
  /** For people. */
  readonly message: string;
  /** For programs. */
  readonly fields?: JsonObject;
  /** The look of the mark before the line. */
  readonly style?: Style;
}

/** Tells what happens. */
export interface Journal {
  /** Whether people read it. */
  readonly human: boolean;
  tell(entry: Entry): void;
}

/** The mark of each level. */
const marks: Readonly<Record<LogLevel, string>> = { debug: "·", info: "•", warn: "!", error: "✗" };
const levelStyles: Readonly<Record<LogLevel, Style>> = {
  debug: "dim",
  info: "plain",
  warn: "warning",
  error: "bad",
};

/** A journal on standard output. */
export function createJournal(shell: Shell, options: { readonly json: boolean }): Journal {
  return options.json || !shell.out.isTerminal ? jsonJournal(shell) : humanJournal(shell);
}

function humanJournal(shell: Shell): Journal {
  const { paint } = shell.out;
  return {
    human: true,
    tell: (entry) => {
      const time = formatInstant(shell.clock.now()).slice(11, 19);
      const style = entry.style ?? levelStyles[entry.level];
      const mark = paint(style, marks[entry.level]);
      shell.out.write(`${paint("dim", time)} ${mark} ${onOneLine(entry.message)}\n`);
    },
  };
}

function jsonJournal(shell: Shell): Journal {
  const logger = pino(
    {
      level: "debug",
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${formatInstant(shell.clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => shell.out.write(line) },
  );
  return {
    human: false,
    tell: (entry) => logger[entry.level]({ event: entry.event, ...entry.fields }, entry.message),
  };
}
