/** What all commands have in common: how they are made, and how one that needs a scheduler runs. */

import { Argument, Command, InvalidArgumentError, type Option } from "commander";
import type { Scheduler } from "../api/scheduler.ts";
import { reasonOf } from "../kernel/clock.ts";
import { type ConnectionOptions, withConnectionOptions } from "./connection/connection-options.ts";
import { openSession } from "./connection/session.ts";
import { createScreen, type Screen } from "./screen.ts";
import type { Shell } from "./shell.ts";

/** How a command is called, and what it is for in a line. */
export interface Naming {
  readonly name: string;
  readonly description: string;
}

/** A command that says what is wrong with its line instead of ending the process. */
export function newCommand(shell: Shell, { name, description }: Naming): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showHelpAfterError("(add --help for what it takes)")
    .configureHelp({ helpWidth: shell.out.columns() ?? helpWidthDefault, groupItems })
    .configureOutput({
      writeOut: (text) => shell.out.write(text),
      writeErr: (text) => shell.err.write(text),
      outputError: (text, write) =>
        write(text.replace(/^error:/, shell.err.paint("bad", "error:"))),
    });
}

/** Cells of a line of help where there is no terminal. */
const helpWidthDefault = 100;
/** What a command has in common with others comes after what is its own. */
const lastGroups: readonly string[] = ["Server:", "Database:", "Output:"];

/** Puts the groups of help in order; within one, items stay as they were added. */
function groupItems<T extends Command | Option>(
  _unsorted: readonly T[],
  visible: T[],
  groupOf: (item: T) => string,
): Map<string, T[]> {
  const rank = (item: T): number => lastGroups.indexOf(groupOf(item));
  return Map.groupBy(
    visible.toSorted((left, right) => rank(left) - rank(right)),
    groupOf,
  );
}

/** A command that holds others; without one of them it shows its help. */
export function groupCommand(
  shell: Shell,
  { commands, ...naming }: Naming & { readonly commands: readonly Command[] },
): Command {
  const command = newCommand(shell, naming);
  for (const each of commands) command.addCommand(each);
  return command;
}

/** A command that talks to a scheduler: its options are added, its work is given a session. */
export function schedulerCommand(shell: Shell, naming: Naming): Command {
  return withConnectionOptions(newCommand(shell, naming));
}

/** What the work of a command is given. */
export interface Work {
  readonly shell: Shell;
  readonly scheduler: Scheduler;
  readonly screen: Screen;
}

/** Opens the scheduler that the options name, works, and closes it whatever happens. */
export async function withScheduler(
  shell: Shell,
  options: ConnectionOptions,
  work: (work: Work) => Promise<void>,
): Promise<void> {
  const screen = createScreen(shell, options);
  await using session = await openSession(shell, options, screen);
  await untilInterrupted(shell.signal, work({ shell, scheduler: session.scheduler, screen }));
}

/** Waits for `work`, but no longer than until the signal is aborted; then rejects by its reason. */
export function untilInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The argument `<id>`, or another name for it: a positive whole number. */
export function idArgument(
  what: string,
  { name = "id" }: { readonly name?: string } = {},
): Argument {
  return new Argument(`<${name}>`, `id of the ${what}`).argParser(parseCount);
}

/** Reads a positive whole number of the command line. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError("It must be a positive whole number.");
  }
  return count;
}

/** Collects an option that may be given more than once. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
