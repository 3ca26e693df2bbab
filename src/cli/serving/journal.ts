/**
 * What a server or worker process tells while it works: lines for people on a terminal, JSON lines
 * for log collectors elsewhere.
 */

import { pino } from "pino";
import { messageOf } from "../../kernel/errors.ts";
import { formatInstant } from "../../kernel/instant.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { LogLevel } from "../../model/run.ts";
import type { HttpLog } from "../../http/http-log.ts";
import type { ScreenOptions } from "../screen.ts";
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
export function createJournal(shell: Shell, options: ScreenOptions): Journal {
  const least = options.verbose === true ? "debug" : "info";
  return options.json === true || !shell.out.isTerminal
    ? jsonJournal(shell, least)
    : humanJournal(shell, least);
}

function humanJournal(shell: Shell, least: LogLevel): Journal {
  const { paint } = shell.out;
  return {
    human: true,
    tell: (entry) => {
      if (entry.level === "debug" && least !== "debug") return;
      const time = formatInstant(shell.clock.now()).slice(11, 19);
      const style = entry.style ?? levelStyles[entry.level];
      const mark = paint(style, marks[entry.level]);
      shell.out.write(`${paint("dim", time)} ${mark} ${onOneLine(entry.message)}\n`);
    },
  };
}

function jsonJournal(shell: Shell, least: LogLevel): Journal {
  const logger = pino(
    {
      level: least,
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

/** The journal as the log of the HTTP server. */
export function httpLogOf(journal: Journal): HttpLog {
  const at =
    (level: LogLevel): HttpLog["info"] =>
    (fields, message) => {
      const tell = (shown: string, facts: JsonObject): void =>
        journal.tell({ level, event: "http", message: shown, fields: facts });
      if (!("err" in fields)) return tell(message, fields);
      const error = messageOf(fields.err);
      return tell(`${message}: ${error}`, { error });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
