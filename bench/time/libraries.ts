/** The libraries under one interface, each used the way its documentation shows. */

import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";
import {
  type ClockChangePolicy,
  cronTrigger,
  instantFromMillis,
  millisOf,
  type Trigger,
} from "orrery/time";

import { versionOf } from "../package-version.ts";
import { zone } from "./expressions.ts";

/** An expression that a library has read. */
export interface Parsed {
  /** Walks forward by so many fires, strictly later than the start; answers the last one. */
  walk(fromMs: number, count: number): number;
  /** The fires later than the start and not later than the end. */
  list(fromMs: number, toMs: number): number[];
}

/** A library. */
export interface Library {
  readonly name: string;
  readonly version: string;
  parse(expression: string): Parsed;
  /** Runs a measurement in the surroundings of this library. */
  during<T>(work: () => T): T;
}

/** The runtime as it is. */
const plainly = <T>(work: () => T): T => work();

/** Orrery by one of its clock-change policies. */
export function orrery(policy: ClockChangePolicy = "match"): Library {
  return {
    name: "orrery",
    version: versionOf("orrery"),
    during: plainly,
    parse: (expression) => {
      const trigger = orreryTrigger(expression, policy);
      const step = (ms: number): number => {
        const next = trigger.next(instantFromMillis(ms));
        return next === undefined ? Number.NaN : millisOf(next);
      };
      return {
        walk: (fromMs, count) => {
          let at = instantFromMillis(fromMs);
          for (let index = 0; index < count; index += 1) at = trigger.next(at) ?? at;
          return millisOf(at);
        },
        list: (fromMs, toMs) => listBySteps(step, { fromMs, toMs }),
      };
    },
  };
}

/** The trigger itself, for what only Orrery has: `between`. */
export function orreryTrigger(expression: string, policy: ClockChangePolicy = "match"): Trigger {
  return cronTrigger({ dialect: "vixie", expression, zone, clockChange: policy });
}

/** croner as it is. */
export const croner: Library = {
  name: "croner",
  version: versionOf("croner"),
  during: plainly,
  parse: (expression) => {
    const cron = new Cron(expression, { timezone: zone });
    const step = (ms: number): number => cron.nextRun(new Date(ms))?.getTime() ?? Number.NaN;
    return {
      walk: (fromMs, count) => {
        let at = new Date(fromMs);
        for (let index = 0; index < count; index += 1) at = cron.nextRun(at) ?? at;
        return at.getTime();
      },
      list: (fromMs, toMs) => listBySteps(step, { fromMs, toMs }),
    };
  },
};

/**
 * croner with the runtime's formatters kept by time zone. The installed release makes a new one
 * for each conversion, which is most of what it costs; without that, its own work shows.
 */
export const cronerKept: Library = {
  name: "croner, formatters kept",
  version: croner.version,
  parse: (expression) => croner.parse(expression),
  during: withKeptFormatters,
};

/** cron-parser, which walks by a state of its own and so is positioned when it parses. */
export const cronParser: Library = {
  name: "cron-parser",
  version: versionOf("cron-parser"),
  during: plainly,
  parse: (expression) => {
    const parsed = CronExpressionParser.parse(expression, { tz: zone });
    return {
      walk: (fromMs, count) => {
        parsed.reset(new Date(fromMs));
        let last = fromMs;
        for (let index = 0; index < count; index += 1) last = parsed.next().getTime();
        return last;
      },
      list: (fromMs, toMs) => {
        parsed.reset(new Date(fromMs));
        return listBySteps(() => parsed.next().getTime(), { fromMs, toMs });
      },
    };
  },
};

function listBySteps(
  step: (ms: number) => number,
  range: { readonly fromMs: number; readonly toMs: number },
): number[] {
  const found: number[] = [];
  // NaN, the end of a series, ends the loop as well.
  for (let at = step(range.fromMs); at <= range.toMs; at = step(at)) found.push(at);
  return found;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const plainDateTimeFormat = Intl.DateTimeFormat;

const keptDateTimeFormat = new Proxy(plainDateTimeFormat, {
  construct: (_target, [locales, options]: Parameters<typeof Intl.DateTimeFormat>) => {
    const key = JSON.stringify([locales, options]);
    const known = formatters.get(key) ?? new plainDateTimeFormat(locales, options);
    formatters.set(key, known);
    return known;
  },
});

/**
 * Only while `work` runs: the others are measured on the runtime as it is. Around a whole
 * measurement, not each call: the exchange makes the engine drop optimized code.
 */
function withKeptFormatters<T>(work: () => T): T {
  Intl.DateTimeFormat = keptDateTimeFormat;
  try {
    return work();
  } finally {
    Intl.DateTimeFormat = plainDateTimeFormat;
  }
}
