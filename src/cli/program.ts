/** The whole command line: every command in its group. */

import type { Command } from "commander";
import { packageVersion } from "../app/package-facts.ts";
import { groupCommand, newCommand } from "./command.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { forecastCommand } from "./commands/forecast.ts";
import { graphListCommand } from "./commands/graph-list.ts";
import { graphPlanCommand } from "./commands/graph-plan.ts";
import { graphResultsCommand } from "./commands/graph-results.ts";
import { graphRunCommand } from "./commands/graph-run.ts";
import { graphShowCommand } from "./commands/graph-show.ts";
import { graphSubmitCommand } from "./commands/graph-submit.ts";
import { graphUndoCommand } from "./commands/graph-undo.ts";
import { initCommand } from "./commands/init.ts";
import { pauseCommand } from "./commands/pause.ts";
import { resumeCommand } from "./commands/resume.ts";
import { runCancelCommand } from "./commands/run-cancel.ts";
import { runListCommand } from "./commands/run-list.ts";
import { runLogsCommand } from "./commands/run-logs.ts";
import { runRetryCommand } from "./commands/run-retry.ts";
import { runShowCommand } from "./commands/run-show.ts";
import { serveCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { taskAddCommand } from "./commands/task-add.ts";
import { taskCancelCommand } from "./commands/task-cancel.ts";
import { taskListCommand } from "./commands/task-list.ts";
import { taskPauseCommand } from "./commands/task-pause.ts";
import { taskResumeCommand } from "./commands/task-resume.ts";
import { taskRetryCommand } from "./commands/task-retry.ts";
import { taskShowCommand } from "./commands/task-show.ts";
import { tokenCreateCommand } from "./commands/token-create.ts";
import { tokenListCommand } from "./commands/token-list.ts";
import { tokenRevokeCommand } from "./commands/token-revoke.ts";
import { triggerAddCommand } from "./commands/trigger-add.ts";
import { triggerCheckCommand } from "./commands/trigger-check.ts";
import { triggerListCommand } from "./commands/trigger-list.ts";
import { triggerOccurrencesCommand } from "./commands/trigger-occurrences.ts";
import { triggerPauseCommand } from "./commands/trigger-pause.ts";
import { triggerRemoveCommand } from "./commands/trigger-remove.ts";
import { triggerResumeCommand } from "./commands/trigger-resume.ts";
import { triggerSetCommand } from "./commands/trigger-set.ts";
import { triggerShowCommand } from "./commands/trigger-show.ts";
import { typeListCommand } from "./commands/type-list.ts";
import { typePauseCommand } from "./commands/type-pause.ts";
import { typeResumeCommand } from "./commands/type-resume.ts";
import { typeShowCommand } from "./commands/type-show.ts";
import { visitImportCommand } from "./commands/visit-import.ts";
import { visitMetricsCommand } from "./commands/visit-metrics.ts";
import { visitNextCommand } from "./commands/visit-next.ts";
import { visitPeekCommand } from "./commands/visit-peek.ts";
import { visitStatsCommand } from "./commands/visit-stats.ts";
import { workerCommand } from "./commands/worker.ts";
import type { Shell } from "./shell.ts";
import { swhNaming } from "./swh/naming.ts";

/** The command `orrery` with all others below it. */
export async function createProgram(shell: Shell): Promise<Command> {
  const program = newCommand(shell, {
    name: "orrery",
    description: "A durable task scheduler on PostgreSQL. `orrery serve` starts it.",
  }).version(packageVersion(), "-V, --version", "print the version");
  const grouped: readonly (readonly [heading: string, commands: readonly Command[]])[] = [
    ["Run it:", [serveCommand(shell), workerCommand(shell), initCommand(shell)]],
    ["Work with it:", workCommands(shell)],
    ["Look after it:", operatingCommands(shell)],
    ["In place of others:", [await swhCommands(shell)]],
  ];
  for (const [heading, commands] of grouped) {
    for (const command of commands) program.addCommand(command.helpGroup(heading));
  }
  return program;
}

function workCommands(shell: Shell): readonly Command[] {
  return [
    taskGroup(shell),
    graphGroup(shell),
    triggerGroup(shell),
    typeGroup(shell),
    runGroup(shell),
    visitGroup(shell),
  ];
}

function graphGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "graph",
    description: "work with inner order: in this process, or stored as tasks",
    commands: [
      graphPlanCommand(shell),
      graphRunCommand(shell),
      graphSubmitCommand(shell),
      graphListCommand(shell),
      graphShowCommand(shell),
      graphResultsCommand(shell),
      graphUndoCommand(shell),
    ],
  });
}

function taskGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "task",
    description: "store, see and steer tasks",
    commands: [
      taskAddCommand(shell),
      taskListCommand(shell),
      taskShowCommand(shell),
      taskCancelCommand(shell),
      taskPauseCommand(shell),
      taskResumeCommand(shell),
      taskRetryCommand(shell),
    ],
  });
}

function triggerGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "trigger",
    description: "see and steer triggers; try a rule before it is stored",
    commands: [
      triggerCheckCommand(shell),
      triggerListCommand(shell),
      triggerShowCommand(shell),
      triggerAddCommand(shell),
      triggerSetCommand(shell),
      triggerPauseCommand(shell),
      triggerResumeCommand(shell),
      triggerRemoveCommand(shell),
      triggerOccurrencesCommand(shell),
    ],
  });
}

function typeGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "type",
    description: "see and steer task types",
    commands: [
      typeListCommand(shell),
      typeShowCommand(shell),
      typePauseCommand(shell),
      typeResumeCommand(shell),
    ],
  });
}

function runGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "run",
    description: "see and steer runs, read their logs",
    commands: [
      runListCommand(shell),
      runShowCommand(shell),
      runLogsCommand(shell),
      runCancelCommand(shell),
      runRetryCommand(shell),
    ],
  });
}

function visitGroup(shell: Shell): Command {
  return groupCommand(shell, {
    name: "visit",
    description: "origins to be visited: record, choose and count them",
    commands: [
      visitNextCommand(shell),
      visitPeekCommand(shell),
      visitStatsCommand(shell),
      visitMetricsCommand(shell),
      visitImportCommand(shell),
    ],
  });
}

function operatingCommands(shell: Shell): readonly Command[] {
  return [
    statusCommand(shell),
    forecastCommand(shell),
    pauseCommand(shell),
    resumeCommand(shell),
    groupCommand(shell, {
      name: "token",
      description: "make, see and revoke API tokens",
      commands: [tokenCreateCommand(shell), tokenListCommand(shell), tokenRevokeCommand(shell)],
    }),
    doctorCommand(shell),
  ];
}

/** Their codecs are loaded only for those who name them: all other commands start without. */
async function swhCommands(shell: Shell): Promise<Command> {
  if (shell.args[0] !== swhNaming.name) return newCommand(shell, swhNaming);
  const { swhGroup } = await import("./swh/group.ts");
  return swhGroup(shell);
}
