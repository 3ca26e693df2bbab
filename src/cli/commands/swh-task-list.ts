/** `orrery swh task list`: tasks by what is known of them, with their runs. */

import { type Command, InvalidArgumentError, Option } from "commander";
import {
  taskPolicies,
  type TaskPolicy,
  taskPriorities,
  type TaskPriority,
  type TaskRun,
  taskStatuses,
  type TaskStatus,
} from "../../compat/swh/records.ts";
import type { SwhScheduler, TaskSearch } from "../../compat/swh/scheduler.ts";
import type { Instant } from "../../kernel/instant.ts";
import { collect, parseCount } from "../command.ts";
import type { Shell } from "../shell.ts";
import { parseWhole, swhCommand, withSwhScheduler } from "../swh/command.ts";
import { parseDate } from "../swh/date-text.ts";
import { paragraphs, runText, taskText } from "../swh/task-text.ts";

interface TaskListOptions {
  readonly taskId?: readonly number[];
  readonly taskType?: readonly string[];
  readonly limit?: number;
  readonly status?: readonly (TaskStatus | "all")[];
  readonly policy?: TaskPolicy;
  readonly priority?: readonly (TaskPriority | "all")[];
  readonly before?: string;
  readonly after?: string;
  readonly listRuns?: boolean;
  readonly listRunsMetadata?: boolean;
}

/** The command. */
export function swhTaskListCommand(shell: Shell): Command {
  const repeatable = (flags: string, words: readonly string[]): Option =>
    new Option(flags, `only these; repeatable: ${words.join(", ")}`).argParser(collectOf(words));
  return swhCommand(shell, {
    name: "list",
    description: "show tasks by their id; those that wait for their next run, unless told",
  })
    .option("-i, --task-id <id>", "only this task; repeatable", collectId)
    .option("-t, --task-type <type>", "only of this type; repeatable", collect)
    .option("-l, --limit <count>", "how many at most", parseWhole)
    .addOption(repeatable("-s, --status <status>", [...taskStatuses, "all"]))
    .addOption(new Option("-p, --policy <policy>", "only of this policy").choices(taskPolicies))
    .addOption(repeatable("-P, --priority <level>", [...taskPriorities, "all"]))
    .option("-b, --before <date>", "next run by then")
    .option("-a, --after <date>", "next run from then on")
    .option("-r, --list-runs", "with their runs")
    .option("-m, --list-runs-metadata", "with their runs, and what was noted of these")
    .action((options: TaskListOptions, command: Command) =>
      withSwhScheduler(shell, command, async ({ scheduler, now }) => {
        const tasks = await scheduler.searchTasks(searchOf(options, now));
        const { listRunsMetadata: metadata = false, listRuns = metadata } = options;
        const runs = listRuns ? await runsOf(scheduler, tasks) : new Map<number, TaskRun[]>();
        const texts = [`Found ${tasks.length} tasks\n`];
        for (const task of tasks.toSorted((left, right) => left.id - right.id)) {
          texts.push(taskText(task, { shell, now, full: true }));
          const ofTask = runs.get(task.id) ?? [];
          if (ofTask.length > 0) texts.push(shell.out.paint("strong", "  Executions:"));
          texts.push(...ofTask.map((run) => runText(run, { metadata })));
        }
        shell.out.write(paragraphs(texts));
      }),
    );
}

/** By default what the reference documents, and forgets to do: only tasks that wait. */
function searchOf(options: TaskListOptions, now: Instant): TaskSearch {
  const { taskId, taskType, limit, status, policy, priority, before, after } = options;
  const waiting = taskId === undefined ? (["next_run_not_scheduled"] as const) : [];
  return {
    taskId: taskId ?? null,
    taskType: taskType ?? null,
    status: withoutAll(status ?? waiting),
    priority: withoutAll(priority ?? []),
    policy: policy ?? null,
    before: before === undefined ? null : parseDate(before, { field: "--before", now }),
    after: after === undefined ? null : parseDate(after, { field: "--after", now }),
    limit: limit ?? null,
  };
}

/** An empty list asks for nothing. */
function withoutAll<Word extends string>(words: readonly (Word | "all")[]): readonly Word[] {
  const rest = words.filter((word): word is Word => word !== "all");
  return rest.length === words.length ? rest : [];
}

async function runsOf(
  scheduler: SwhScheduler,
  tasks: readonly { readonly id: number }[],
): Promise<ReadonlyMap<number, readonly TaskRun[]>> {
  const runs = await scheduler.getTaskRuns(tasks.map(({ id }) => id));
  return Map.groupBy(
    runs.toSorted((left, right) => left.id - right.id),
    ({ task }) => task,
  );
}

function collectId(text: string, previous: readonly number[] | undefined): readonly number[] {
  return [...(previous ?? []), parseCount(text)];
}

function collectOf(
  words: readonly string[],
): (text: string, previous: readonly string[] | undefined) => readonly string[] {
  return (text, previous) => {
    if (words.includes(text)) return [...(previous ?? []), text];
    throw new InvalidArgumentError(`Allowed choices are ${words.join(", ")}.`);
  };
}
