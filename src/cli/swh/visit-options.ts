/** Options of the commands that choose origins, in the words of the reference. */

import { Argument, type Command, Option } from "commander";
import type { GrabVisits } from "../../compat/swh/scheduler.ts";
import { optionsOf } from "../connection/connection-options.ts";
import { parseInterval } from "./interval-text.ts";
import { parsePercent } from "./percent-text.ts";

/** How origins are printed, as it was typed. */
export interface RowOptions {
  readonly policy: string;
  readonly fields?: string;
  readonly withHeader: boolean;
}

/** Which origins, as it was typed. */
export interface FilterOptions {
  readonly tablesample?: number;
  readonly onlyEnabled?: boolean;
  readonly onlyDisabled?: boolean;
  readonly listerName?: string;
  readonly listerInstanceName?: string;
  readonly absoluteCooldown: string;
  readonly scheduledCooldown: string;
  readonly notFoundCooldown: string;
  readonly failedCooldown: string;
}

const which = optionsOf("Which:");

/** The argument `<type>`. */
export function typeArgument(): Argument {
  return new Argument("<type>", "visit type, as in git");
}

/** The argument `<count>`, read by `parse`. */
export function countArgument(parse: (text: string) => number): Argument {
  return new Argument("<count>", "how many at most").argParser(parse);
}

/** Adds `--policy`. */
export function withPolicyOption(command: Command): Command {
  const policy = new Option("-p, --policy <name>", "scheduling policy");
  return command.addOption(policy.default("oldest_scheduled_first"));
}

/** Adds `--policy` and how origins are printed. */
export function withRowOptions(command: Command): Command {
  return withPolicyOption(command)
    .option("-f, --fields <names>", "columns, as in url,visit_type (default all)")
    .option("--with-header", "print a row of titles", true)
    .addOption(new Option("--without-header", "print none").implies({ withHeader: false }));
}

/** Adds filters and cool-downs. */
export function withFilterOptions(command: Command): Command {
  const coolDown = ([flags, usual]: readonly [flags: string, usual: string]): Option =>
    new Option(flags, "0 s for none").default(usual).helpGroup("Cool-downs:");
  return command
    .addOption(which(["--tablesample <percent>", "look at a sample"]).argParser(parsePercent))
    .addOption(which(["--only-enabled", "enabled ones (default)"]).conflicts("onlyDisabled"))
    .addOption(which(["--only-disabled", "disabled ones"]))
    .addOption(which(["--lister-name <name>", "what listers of this name list"]))
    .addOption(which(["--lister-instance-name <name>", "what this instance lists"]))
    .addOption(coolDown(["--absolute-cooldown <interval>", "12 hours"]))
    .addOption(coolDown(["--scheduled-cooldown <interval>", "7 days"]))
    .addOption(coolDown(["--not-found-cooldown <interval>", "31 days"]))
    .addOption(coolDown(["--failed-cooldown <interval>", "14 days"]));
}

/** The filters in the scheduler's words. */
export function filterOf(options: FilterOptions): Partial<GrabVisits> {
  const { tablesample, onlyDisabled = false, listerName, listerInstanceName } = options;
  return {
    enabled: !onlyDisabled,
    tablesample: tablesample ?? null,
    listerName: listerName ?? null,
    listerInstanceName: listerInstanceName ?? null,
    absoluteCooldown: parseInterval(options.absoluteCooldown, { field: "--absolute-cooldown" }),
    scheduledCooldown: parseInterval(options.scheduledCooldown, { field: "--scheduled-cooldown" }),
    notFoundCooldown: parseInterval(options.notFoundCooldown, { field: "--not-found-cooldown" }),
    failedCooldown: parseInterval(options.failedCooldown, { field: "--failed-cooldown" }),
  };
}
