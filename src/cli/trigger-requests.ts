/** From the options of a command line to triggers, and to changes of one. */

import type { TriggerChange, TriggerOptions, TriggerRequest } from "../api/scheduler.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { invalidField } from "../kernel/fields.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { isRecord } from "../kernel/json.ts";
import type { CalendarTriggerSpec, TaskTriggerSpec } from "../model/task.ts";
import { parseDuration } from "./duration.ts";
import { parseJson } from "./input-option.ts";
import { cronSpecOf } from "./trigger-check.ts";
import type {
  CronOptions,
  FiringOptions,
  RuleOptions,
  TriggerCommandOptions,
} from "./trigger-options.ts";

const ruleHint = "the ways to say when are --cron, --every, --at, --adaptive and --spec";

/**
 * The triggers in the order cron, every, at, adaptive, spec, each with all else that was said; none
 * when nothing was. Rules are checked by whoever stores them.
 * @throws InvalidInputError `ORR_INPUT_*` naming the option
 */
export function triggersOf(options: TriggerCommandOptions): readonly TriggerRequest[] {
  const rules = rulesOf(options);
  const shared = { ...windowOf(options), ...firingOf(options) };
  const [field] = Object.keys(shared);
  const idle = options.paused === true ? "--paused" : optionNames[field ?? ""];
  if (rules.length === 0 && idle !== undefined) {
    throw refused(`${idle} is for triggers`, { field: idle, hint: ruleHint });
  }
  const paused = options.paused === true ? { nextFireAt: null } : {};
  return rules.map((rule) => ({ ...rule, ...shared, ...paused }));
}

/** The one trigger that was said. @throws InvalidInputError `ORR_INPUT_*` when it is not one */
export function triggerOf(options: TriggerCommandOptions): TriggerRequest {
  const [trigger, second] = triggersOf(options);
  if (trigger !== undefined && second === undefined) return trigger;
  const what = trigger === undefined ? "say when it is to fire" : "say one way to fire, not more";
  throw refused(what, { field: "--cron", hint: ruleHint });
}

/**
 * What is to change. Bounds that come without a rule are put on the `stored` one.
 * @throws InvalidInputError `ORR_INPUT_*` naming the option, or when nothing was said
 */
export function changeOf(
  options: RuleOptions & FiringOptions,
  stored: TaskTriggerSpec,
): TriggerChange {
  const [rule, second] = rulesOf(options);
  if (second !== undefined) {
    throw refused("say one way to fire, not more", { field: "--cron", hint: ruleHint });
  }
  const window = windowOf(options);
  const isRuleNew = rule !== undefined || Object.keys(window).length > 0;
  const change = {
    ...(isRuleNew ? { spec: { ...(rule ?? stored), ...window } } : {}),
    ...firingOf(options),
  };
  if (Object.keys(change).length > 0) return change;
  throw refused("nothing to change", { field: "--cron", hint: "see `orrery trigger set --help`" });
}

/**
 * A cron text in its stored form, to be read by whoever stores it.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` for six fields of which nobody knows the seconds
 */
export function cronRuleOf(text: string, options: CronOptions): CalendarTriggerSpec {
  const { dialect = "vixie", seconds, timezone, clockChange } = options;
  const fieldCount = text.trim().split(/\s+/).length;
  if (dialect === "vixie" && fieldCount === 6 && seconds === undefined) {
    throw new InvalidInputError(
      "ORR_INPUT_TRIGGER",
      `nothing says which of the six fields of "${text}" are the seconds`,
      { details: { field: "--cron", value: text, hint: "say --seconds first, or last" } },
    );
  }
  return {
    ...cronSpecOf(text, dialect),
    ...(seconds === undefined || dialect === "aps" ? {} : { seconds }),
    ...(timezone === undefined ? {} : { zone: timezone }),
    ...(clockChange === undefined ? {} : { clockChange }),
  };
}

/** A rule in its stored form. @throws InvalidInputError `ORR_INPUT_JSON` `ORR_INPUT_INVALID` */
export function specOf(text: string): CalendarTriggerSpec {
  const spec = parseJson(text, "--spec");
  if (isRecord(spec) && typeof spec["kind"] === "string") return { ...spec, kind: spec["kind"] };
  throw invalidField("--spec", { expected: "an object with a kind", value: spec });
}

function rulesOf(options: RuleOptions): readonly TaskTriggerSpec[] {
  const { cron = [], every = [], at = [], adaptive, spec = [], timezone } = options;
  refuseIdleCronOptions(options);
  return [
    ...cron.map((text) => cronRuleOf(text, options)),
    ...every.map((text) => ({ kind: "interval", everyMs: parseDuration(text, "--every") })),
    ...at.map((text) => dateRuleOf(text, timezone)),
    ...(adaptive === true ? [{ kind: "adaptive" as const }] : []),
    ...spec.map(specOf),
  ];
}

/** An option that has nothing to say something about is a mistake, not a remark. */
function refuseIdleCronOptions({ cron, at, dialect, seconds, clockChange, timezone }: RuleOptions) {
  if (cron !== undefined) return;
  const idle =
    (dialect === undefined ? undefined : "--dialect") ??
    (seconds === undefined ? undefined : "--seconds") ??
    (clockChange === undefined ? undefined : "--clock-change") ??
    (timezone === undefined || at !== undefined ? undefined : "--timezone");
  if (idle === undefined) return;
  throw refused(`${idle} is for --cron`, { field: idle, hint: ruleHint });
}

/** A time with an offset, or the reading of a zone's clock. */
function dateRuleOf(text: string, timezone: string | undefined): CalendarTriggerSpec {
  const isLocal = timezone !== undefined && !/(?:z|[+-]\d\d:?\d\d)$/i.test(text.trim());
  return isLocal
    ? { kind: "date", at: text.trim(), zone: timezone }
    : { kind: "date", at: formatInstant(parseInstant(text, "--at")) };
}

interface Window {
  readonly jitterMs?: number;
  readonly startAt?: string;
  readonly endAt?: string;
}

function windowOf({ jitter, start, end }: RuleOptions): Window {
  return {
    ...(jitter === undefined ? {} : { jitterMs: parseDuration(jitter, "--jitter") }),
    ...(start === undefined ? {} : { startAt: instantOf(start, { option: "--start" }) }),
    ...(end === undefined ? {} : { endAt: instantOf(end, { option: "--end" }) }),
  };
}

function firingOf(options: FiringOptions): TriggerOptions {
  const { misfireGrace, coalesce, maxInstances, overlap, next } = options;
  return {
    ...(misfireGrace === undefined ? {} : { misfireGraceMs: graceOf(misfireGrace) }),
    ...(coalesce === undefined ? {} : { coalesce }),
    ...(maxInstances === undefined ? {} : { maxInstances }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(next === undefined ? {} : { nextFireAt: instantOf(next, { option: "--next" }) }),
  };
}

/** `none` takes the bound away. */
function graceOf(text: string): number | null {
  return text.trim() === "none" ? null : parseDuration(text, "--misfire-grace");
}

function instantOf(text: string, { option }: { readonly option: string }): string {
  return formatInstant(parseInstant(text, option));
}

/** What the fields of a trigger are called on the command line. */
const optionNames: Readonly<Record<string, string>> = {
  jitterMs: "--jitter",
  startAt: "--start",
  endAt: "--end",
  misfireGraceMs: "--misfire-grace",
  coalesce: "--coalesce",
  maxInstances: "--max-instances",
  overlap: "--overlap",
  nextFireAt: "--next",
};

function refused(
  message: string,
  details: { readonly field: string; readonly hint: string },
): InvalidInputError {
  return new InvalidInputError("ORR_INPUT_INVALID", message, { details });
}
