/** `orrery swh`: the command line of the Software Heritage scheduler. */

import { type Command, Option } from "commander";
import { groupCommand, type Naming } from "../command.ts";
import { swhOriginCheckIngestedCommand } from "../commands/swh-origin-check-ingested.ts";
import { swhOriginCheckListedCommand } from "../commands/swh-origin-check-listed.ts";
import { swhOriginGrabNextCommand } from "../commands/swh-origin-grab-next.ts";
import { swhOriginPeekNextCommand } from "../commands/swh-origin-peek-next.ts";
import { swhOriginScheduleNextCommand } from "../commands/swh-origin-schedule-next.ts";
import { swhOriginUpdateMetricsCommand } from "../commands/swh-origin-update-metrics.ts";
import { forgePresets, swhRegisterListerCommand } from "../commands/swh-register-lister.ts";
import { swhTaskAddCommand } from "../commands/swh-task-add.ts";
import { swhTaskArchiveCommand } from "../commands/swh-task-archive.ts";
import { swhTaskListCommand } from "../commands/swh-task-list.ts";
import { swhTaskListPendingCommand } from "../commands/swh-task-list-pending.ts";
import { swhTaskRespawnCommand } from "../commands/swh-task-respawn.ts";
import { swhTaskScheduleCommand } from "../commands/swh-task-schedule.ts";
import { swhTaskScheduleOriginsCommand } from "../commands/swh-task-schedule-origins.ts";
import { swhTaskTypeAddCommand } from "../commands/swh-task-type-add.ts";
import { swhTaskTypeListCommand } from "../commands/swh-task-type-list.ts";
import type { Shell } from "../shell.ts";
import { withSwhConnectionOptions } from "./connection.ts";
import { swhNaming } from "./naming.ts";
import { refusedCommand } from "./refused-commands.ts";

/** The group; its options may stand before and behind the names of its commands. */
export function swhGroup(shell: Shell): Command {
  const group = groupCommand(shell, {
    ...swhNaming,
    commands: [taskGroup(shell), taskTypeGroup(shell), originGroup(shell), forgeGroup(shell)],
  });
  for (const name of services) group.addCommand(refusedCommand(shell, name).helpGroup("No more:"));
  return withSwhConnectionOptions(group);
}

const services = [
  "start-runner",
  "start-listener",
  "schedule-recurrent",
  "start-runner-first-visits",
  "journal-client",
  "celery-monitor",
  "simulator",
  "rpc-serve",
] as const;

function subgroup(
  shell: Shell,
  naming: Naming,
  commands: readonly ((shell: Shell) => Command)[],
): Command {
  return groupCommand(shell, { ...naming, commands: commands.map((make) => make(shell)) });
}

function taskGroup(shell: Shell): Command {
  return subgroup(shell, { name: "task", description: "store, see and archive tasks" }, [
    swhTaskAddCommand,
    swhTaskScheduleCommand,
    swhTaskScheduleOriginsCommand,
    swhTaskListCommand,
    swhTaskListPendingCommand,
    swhTaskRespawnCommand,
    swhTaskArchiveCommand,
  ]);
}

function taskTypeGroup(shell: Shell): Command {
  return subgroup(shell, { name: "task-type", description: "see and register task types" }, [
    swhTaskTypeListCommand,
    swhTaskTypeAddCommand,
    () => refusedCommand(shell, "register"),
  ]);
}

function originGroup(shell: Shell): Command {
  return subgroup(shell, { name: "origin", description: "choose, count and check origins" }, [
    swhOriginGrabNextCommand,
    swhOriginPeekNextCommand,
    swhOriginScheduleNextCommand,
    swhOriginUpdateMetricsCommand,
    swhOriginCheckListedCommand,
    swhOriginCheckIngestedCommand,
    () => refusedCommand(shell, "send-origins-from-scheduler-to-celery"),
    () => refusedCommand(shell, "send-origins-from-file-to-celery"),
  ]);
}

function forgeGroup(shell: Shell): Command {
  const group = subgroup(shell, { name: "add-forge-now", description: "list a new forge" }, [
    swhRegisterListerCommand,
    () => refusedCommand(shell, "schedule-first-visits"),
  ]);
  return group.addOption(
    new Option("-p, --preset <name>", "for good, or to try it")
      .choices(forgePresets)
      .default("production"),
  );
}
