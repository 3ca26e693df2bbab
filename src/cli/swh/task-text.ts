/** Tasks and their runs in the layout of the reference's command line, which scripts read. */

import type { Task, TaskRun } from "../../compat/swh/records.ts";
import type { SwhJsonObject } from "../../compat/swh/values.ts";
import { isoTimeText } from "../../compat/swh/wire/iso-time.ts";
import { formatInstant, type Instant } from "../../kernel/instant.ts";
import type { Shell } from "../shell.ts";
import { intervalText } from "./interval-text.ts";
import { indentedJson, literalText } from "./python-text.ts";

/** How tasks are shown. */
export interface TaskTextOptions {
  readonly shell: Shell;
  /** What "today" is told from. */
  readonly now: Instant;
  /** With status and priority. @defaultValue false */
  readonly full?: boolean;
}

/** A task as lines, each ended by a line feed. */
export function taskText(task: Task, { shell, now, full = false }: TaskTextOptions): string {
  const label = (text: string): string => shell.out.paint("strong", text);
  const { args, kwargs } = task.arguments;
  const day = dayText(dayOf(task.nextRun) - dayOf(now), task.nextRun);
  const lines = [
    `${label("Task")} ${task.id}`,
    `${label("  Next run:")} ${day} (${isoTimeText(task.nextRun)})`,
    `${label("  Interval:")} ${intervalText(task.currentInterval)}`,
    `${label("  Type:")} ${task.type}`,
    `${label("  Policy:")} ${task.policy}`,
    ...(full
      ? [
          `${label("  Status:")} ${task.status}`,
          `${label("  Priority:")} ${task.priority ?? ""}`.trimEnd(),
        ]
      : []),
    label("  Args:"),
    ...args.map((value) => `    ${literalText(value)}`),
    label("  Keyword args:"),
    ...keywordLines(kwargs, label),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function keywordLines(kwargs: SwhJsonObject, label: (text: string) => string): readonly string[] {
  const byKey = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
    left[0] < right[0] ? -1 : 1;
  return Object.entries(kwargs)
    .toSorted(byKey)
    .map(([key, value]) => `    ${label(`${key}:`)} ${literalText(value)}`);
}

/** The tasks that were created, under their number. */
export function createdText(tasks: readonly Task[], options: TaskTextOptions): string {
  return paragraphs([
    `Created ${tasks.length} tasks\n`,
    ...tasks.map((task) => taskText(task, options)),
  ]);
}

/** Texts with an empty line between them and behind the last one. */
export function paragraphs(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}

/** A run as lines; metadata only where it was asked for. */
export function runText(run: TaskRun, { metadata }: { readonly metadata: boolean }): string {
  const at = (instant: Instant | null): string => (instant === null ? "" : isoTimeText(instant));
  const lines = [
    `    ${run.backendId ?? ""} [${run.status}]`,
    `      scheduled: ${at(run.scheduled)}`,
    `      started: ${at(run.started)}`,
    `      ended: ${at(run.ended)}`,
    ...(metadata && run.metadata !== null
      ? [`      metadata: ${indentedJson(run.metadata, { indent: "      " })}`]
      : []),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const microsPerDay = 86_400_000_000n;
/** Days from which on a year is told as well: five months. */
const daysWithYear = 152n;

/** A day as people say it, so many days from now: `today`, `Jan 01`, `Jan 01 2030`. */
function dayText(days: bigint, instant: Instant): string {
  if (days === 0n) return "today";
  if (days === 1n) return "tomorrow";
  if (days === -1n) return "yesterday";
  const [year = "", month = "", day = ""] = formatInstant(instant).slice(0, 10).split("-");
  const date = `${months[Number(month) - 1]} ${day}`;
  return days > daysWithYear || days < -daysWithYear ? `${date} ${year}` : date;
}

/** Days since the epoch, in UTC. */
function dayOf(instant: Instant): bigint {
  const rest = ((instant % microsPerDay) + microsPerDay) % microsPerDay;
  return (instant - rest) / microsPerDay;
}
