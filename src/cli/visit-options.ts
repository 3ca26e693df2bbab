/** The options by which commands say which origins are to be visited next. */

import { Argument, type Command } from "commander";
import type { NextVisitsRequest, VisitCooldownOptions } from "../api/frontier.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { visitPolicies, type VisitPolicy } from "../policy/visit-selection.ts";
import { parseCount } from "./command.ts";
import { optionsOf } from "./connection/connection-options.ts";
import { parseDuration } from "./duration.ts";

/** A lister, as it was typed. */
export interface ListerOptions {
  readonly listerId?: string;
  readonly lister?: string;
  readonly instance?: string;
}

/** The options as they were typed. */
export interface VisitOptions extends ListerOptions {
  readonly policy?: VisitPolicy;
  readonly count?: number;
  readonly disabled?: boolean;
  readonly at?: string;
  readonly explain?: boolean;
  readonly absoluteCooldown?: string;
  readonly scheduledCooldown?: string;
  readonly failedCooldown?: string;
  readonly notFoundCooldown?: string;
}

/** Origins of one choice, when nobody says how many. */
const countDefault = 10;
const policyDefault: VisitPolicy = "oldest-scheduled-first";

const which = optionsOf("Which:");
const coolDown = optionsOf("Cool-downs, or none:");

/** Adds `<visit-type>` and everything that narrows a choice. */
export function withVisitOptions(command: Command): Command {
  command
    .addArgument(new Argument("<visit-type>", "how they are visited, as in git"))
    .addOption(
      which(["--policy <name>", `what decides the order (default ${policyDefault})`]).choices(
        visitPolicies,
      ),
    )
    .addOption(
      which(["--count <number>", `how many, at most 10000 (default ${countDefault})`]).argParser(
        parseCount,
      ),
    )
    .addOption(which(["--disabled", "of the origins that are not enabled"]));
  withListerOptions(command)
    .addOption(which(["--at <time>", "the time of the choice, RFC 3339 (default now)"]))
    .addOption(which(["--explain", "say how the choice was made"]));
  return command
    .addOption(coolDown(["--absolute-cooldown <time>", "since it was scheduled (default 12h)"]))
    .addOption(coolDown(["--scheduled-cooldown <time>", "since then, if not visited (default 7d)"]))
    .addOption(coolDown(["--failed-cooldown <time>", "since a visit that failed (default 14d)"]))
    .addOption(coolDown(["--not-found-cooldown <time>", "since one found nothing (default 31d)"]));
}

/** Adds what names a lister. */
export function withListerOptions(command: Command): Command {
  return command
    .addOption(which(["--lister-id <uuid>", "only what this lister lists"]))
    .addOption(which(["--lister <name>", "only what listers of this name list"]))
    .addOption(which(["--instance <name>", "only what listers of this instance list"]));
}

/** The options in the frontier's words. */
export function visitRequestOf(visitType: string, options: VisitOptions): NextVisitsRequest {
  const cooldowns = cooldownsOf(options);
  return {
    visitType,
    policy: options.policy ?? policyDefault,
    count: options.count ?? countDefault,
    ...(options.disabled === true ? { enabled: false } : {}),
    ...(options.listerId === undefined ? {} : { listerId: options.listerId }),
    ...(options.lister === undefined ? {} : { listerName: options.lister }),
    ...(options.instance === undefined ? {} : { listerInstanceName: options.instance }),
    ...(options.at === undefined ? {} : { at: formatInstant(parseInstant(options.at, "--at")) }),
    ...(options.explain === true ? { explain: true } : {}),
    ...(cooldowns === undefined ? {} : { cooldowns }),
  };
}

const cooldownFields = [
  ["absoluteCooldown", "absoluteMs", "--absolute-cooldown"],
  ["scheduledCooldown", "scheduledMs", "--scheduled-cooldown"],
  ["failedCooldown", "failedMs", "--failed-cooldown"],
  ["notFoundCooldown", "notFoundMs", "--not-found-cooldown"],
] as const;

function cooldownsOf(options: VisitOptions): VisitCooldownOptions | undefined {
  const given = cooldownFields.flatMap(([option, field, name]) => {
    const text = options[option];
    if (text === undefined) return [];
    return [[field, text.trim() === "none" ? null : parseDuration(text, name)] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
