/** `orrery trigger check`: what a rule means, before anything is stored. Needs no server. */

import type { Command } from "commander";
import { InvalidInputError } from "../../kernel/errors.ts";
import { invalidField } from "../../kernel/fields.ts";
import { parseInstant } from "../../kernel/instant.ts";
import { newCommand, parseCount } from "../command.ts";
import { optionsOf, withOutputOptions } from "../connection/connection-options.ts";
import { parseDuration } from "../duration.ts";
import { createScreen, type ScreenOptions } from "../screen.ts";
import type { Shell } from "../shell.ts";
import { type CheckedRule, checkTrigger } from "../trigger-check.ts";
import { showTriggerCheck } from "../trigger-check-view.ts";
import { type CronOptions, withCronOptions } from "../trigger-options.ts";
import { cronRuleOf, specOf } from "../trigger-requests.ts";

interface TriggerCheckOptions extends ScreenOptions, CronOptions {
  readonly every?: string;
  readonly at?: string;
  readonly spec?: string;
  readonly count?: number;
  readonly from?: string;
}

/** Fire times that are shown, unless the caller says otherwise. */
const countDefault = 5;
/** Fire times that are shown at most. */
const countMax = 1_000;

/** The command. */
export function triggerCheckCommand(shell: Shell): Command {
  const option = optionsOf("When:");
  const command = withCronOptions(
    newCommand(shell, {
      name: "check",
      description: "show when a rule fires, and what clock changes and the other dialect do",
    }).argument("[expression]", "cron rule, such as '*/5 * * * *'"),
  )
    .addOption(option(["--every <duration>", "at this interval, instead of a cron rule"]))
    .addOption(option(["--at <time>", "at this time, local to the zone without an offset"]))
    .addOption(option(["--spec <json>", "a trigger in its stored form, of any kind"]))
    .option("--count <number>", `fire times to show (default ${countDefault})`, parseCount)
    .option("--from <time>", "look from here, RFC 3339 (default now)");
  return withOutputOptions(command).action(
    (expression: string | undefined, options: TriggerCheckOptions) => {
      check(shell, ruleOf(expression, options), options);
    },
  );
}

function check(shell: Shell, rule: CheckedRule, options: TriggerCheckOptions): void {
  const { from, count = countDefault, timezone } = options;
  if (count > countMax) {
    throw invalidField("--count", { expected: `at most ${countMax}`, value: count });
  }
  const checked = checkTrigger(rule, {
    from: from === undefined ? shell.clock.now() : parseInstant(from, "--from"),
    count,
    zone: timezone ?? "UTC",
  });
  showTriggerCheck(createScreen(shell, options), checked);
}

/** The one rule that the line says. */
function ruleOf(expression: string | undefined, options: TriggerCheckOptions): CheckedRule {
  const { every, at, spec, timezone } = options;
  const given = [
    ["an expression", expression],
    ["--every", every],
    ["--at", at],
    ["--spec", spec],
  ].filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const names = given.map(([name]) => name).join(" and ");
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      names === "" ? "nothing to check" : `${names} exclude each other`,
      { details: { hint: "give a cron rule, or one of --every, --at, --spec" } },
    );
  }
  if (spec !== undefined) return { spec: specOf(spec) };
  if (every !== undefined) {
    return { spec: { kind: "interval", everyMs: parseDuration(every, "--every") } };
  }
  if (at !== undefined) {
    return { spec: { kind: "date", at, ...(timezone === undefined ? {} : { zone: timezone }) } };
  }
  const { dialect = "vixie" } = options;
  return { cron: { text: expression ?? "", dialect }, spec: cronRuleOf(expression ?? "", options) };
}
