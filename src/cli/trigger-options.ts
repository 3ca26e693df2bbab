/** The options by which commands say when something fires, and how. */

import type { Command, Option } from "commander";
import {
  type Coalesce,
  coalesceRules,
  overlapPolicies,
  type OverlapPolicy,
} from "../policy/firing-policy.ts";
import { type ClockChangePolicy, clockChangePolicies } from "../time/trigger-spec.ts";
import { collect, parseCount } from "./command.ts";
import { optionsOf } from "./connection/connection-options.ts";
import type { CronDialect } from "./trigger-check.ts";

/** How a cron text is to be read, as it was typed. */
export interface CronOptions {
  readonly dialect?: CronDialect;
  readonly seconds?: "first" | "last";
  readonly timezone?: string;
  readonly clockChange?: ClockChangePolicy;
}

/** Rules, as they were typed, and what bounds them. */
export interface RuleOptions extends CronOptions {
  readonly cron?: readonly string[];
  readonly every?: readonly string[];
  readonly at?: readonly string[];
  readonly adaptive?: boolean;
  readonly spec?: readonly string[];
  readonly jitter?: string;
  readonly start?: string;
  readonly end?: string;
}

/** How triggers fire, as it was typed. */
export interface FiringOptions {
  readonly misfireGrace?: string;
  readonly coalesce?: Coalesce;
  readonly maxInstances?: number;
  readonly overlap?: OverlapPolicy;
  readonly next?: string;
}

/** All that can be said of triggers to be stored. */
export interface TriggerCommandOptions extends RuleOptions, FiringOptions {
  readonly paused?: boolean;
}

const when = optionsOf("When:");
const late = optionsOf("Late and overlapping runs:");

/** Adds what says how a cron text is to be read. */
export function withCronOptions(command: Command): Command {
  return added(command, [
    when(["--dialect <name>", "how to read the cron rule (default vixie)"]).choices([
      "vixie",
      "aps",
    ]),
    when(["--seconds <place>", "where the seconds of six fields stand"]).choices(["first", "last"]),
    when(["--timezone <zone>", "IANA zone of the rule (default UTC)"]),
    when(["--clock-change <policy>", "what clock changes do to it (default match)"]).choices(
      clockChangePolicies,
    ),
  ]);
}

/** Adds the ways to say when, and what bounds them. */
export function withRuleOptions(command: Command): Command {
  const rules = added(command, [
    when(["--cron <rule>", "cron rule, such as '*/5 * * * *'"]).argParser(collect),
  ]);
  return added(withCronOptions(rules), [
    when(["--every <duration>", "at this interval, such as 10m"]).argParser(collect),
    when(["--at <time>", "at this time, RFC 3339; local where --timezone is said"]).argParser(
      collect,
    ),
    when(["--adaptive", "at an interval that follows what the runs find"]),
    when(["--spec <json>", "a rule of any kind in its stored form"]).argParser(collect),
    when(["--jitter <duration>", "each fire late by a random part of this"]),
    when(["--start <time>", "nothing fires before this time, RFC 3339"]),
    when(["--end <time>", "nothing fires after this time, RFC 3339"]),
  ]);
}

/** Adds what says how triggers fire. */
export function withFiringOptions(command: Command): Command {
  return added(command, [
    late(["--misfire-grace <duration>", "a run that would start later is missed; or none"]),
    late(["--coalesce <which>", "which of several fire times that passed run"]).choices(
      coalesceRules,
    ),
    late(["--max-instances <count>", "runs under way at one time"]).argParser(parseCount),
    late(["--overlap <policy>", "what a fire time does that finds them"]).choices(overlapPolicies),
    when(["--next <time>", "fire at this time, RFC 3339, and by the rule from then on"]),
  ]);
}

/** Adds all that can be said of triggers to be stored. */
export function withTriggerOptions(command: Command): Command {
  const paused = when(["--paused", "add it paused; `orrery trigger resume` lets it fire"]);
  return withFiringOptions(withRuleOptions(command)).addOption(paused.conflicts("next"));
}

function added(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
