/** `orrery task add`: stores a task, and with `--wait` shows its run until it ends. */

import { type Command, Option } from "commander";
import type { CreateTaskRequest, Requirement } from "../../api/scheduler.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { formatInstant, parseInstant } from "../../kernel/instant.ts";
import { toId } from "../../kernel/ids.ts";
import { priorities, type Priority } from "../../policy/slot-shares.ts";
import { collect, parseCount, schedulerCommand, withScheduler, type Work } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { parseDuration } from "../duration.ts";
import { readInput } from "../input-option.ts";
import { taskFields } from "../presentation.ts";
import type { Shell } from "../shell.ts";
import { type TriggerCommandOptions, withTriggerOptions } from "../trigger-options.ts";
import { triggersOf } from "../trigger-requests.ts";
import { newestRunOf, showRunUntilEnd } from "../run-watch.ts";

interface TaskAddOptions extends ConnectionOptions, TriggerCommandOptions {
  readonly input?: string;
  readonly name?: string;
  readonly key?: string;
  readonly priority?: Priority;
  readonly concurrencyKey?: string;
  readonly parent?: number;
  readonly requires?: readonly string[];
  readonly onFailure?: "block" | "cancel";
  readonly delay?: string;
  readonly due?: string;
  readonly wait?: boolean;
  readonly timeout?: string;
}

/** The command. */
export function taskAddCommand(shell: Shell): Command {
  const command = schedulerCommand(shell, {
    name: "add",
    description: "store a task: once, or with triggers again and again",
  })
    .argument("<type>", "name of the task type")
    .option("-i, --input <json>", "input as JSON, @FILE, or - for standard input")
    .option("--name <text>", "a name for people")
    .option("--key <text>", "unique key: adding it again changes nothing")
    .addOption(new Option("--priority <level>", "share of contended slots").choices(priorities))
    .option("--concurrency-key <text>", "counts against the type's limit per key")
    .option("--parent <id>", "task whose tree it belongs to", parseCount)
    .option("--requires <id|key>", "task that must succeed first; repeatable", collect)
    .addOption(
      new Option("--on-failure <what>", "when a required task fails").choices(["block", "cancel"]),
    )
    .option("--delay <duration>", "earliest start from now, such as 90s")
    .option("--due <time>", "earliest start, RFC 3339")
    .option("--wait", "show the run until it ends; exit 1 when it does not succeed")
    .option("--timeout <duration>", "wait no longer than this");
  return withTriggerOptions(command).action((type: string, options: TaskAddOptions) =>
    withScheduler(shell, options, (work) => addTask(work, { type, options })),
  );
}

async function addTask(
  { shell, scheduler, screen }: Work,
  { type, options }: { readonly type: string; readonly options: TaskAddOptions },
): Promise<void> {
  const request = await requestOf(shell, type, options);
  if (options.wait === true && request.triggers !== undefined) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "--wait is for tasks that run once", {
      details: { field: "--wait", hint: "`orrery run list --type` shows what triggers started" },
    });
  }
  const task = await scheduler.createTask(request);
  if (options.wait !== true) {
    screen.show(task, () => {
      screen.fields(taskFields(task));
    });
    return;
  }
  screen.note(`task ${task.id} is stored`);
  const work = { shell, scheduler, screen };
  await showRunUntilEnd(work, {
    runId: await newestRunOf(work, task.id),
    timeoutMs:
      options.timeout === undefined ? undefined : parseDuration(options.timeout, "--timeout"),
  });
}

async function requestOf(
  shell: Shell,
  type: string,
  options: TaskAddOptions,
): Promise<CreateTaskRequest> {
  const input = await readInput(shell, options.input);
  const triggers = triggersOf(options);
  const requires = (options.requires ?? []).map((text) => requirementOf(text, options.onFailure));
  return {
    type,
    ...(input === undefined ? {} : { input }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.concurrencyKey === undefined ? {} : { concurrencyKey: options.concurrencyKey }),
    ...(options.parent === undefined ? {} : { parentId: options.parent }),
    ...(options.delay === undefined ? {} : { delayMs: parseDuration(options.delay, "--delay") }),
    ...(options.due === undefined
      ? {}
      : { dueAt: formatInstant(parseInstant(options.due, "--due")) }),
    ...(triggers.length === 0 ? {} : { triggers }),
    ...(requires.length === 0 ? {} : { requires }),
  };
}

/** Digits are an id, everything else a key. */
function requirementOf(text: string, onFailure: "block" | "cancel" | undefined): Requirement {
  const place = /^\d+$/.test(text) ? { taskId: toId(text, "--requires") } : { key: text };
  return onFailure === undefined ? place : { ...place, onFailure };
}
