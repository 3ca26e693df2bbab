/** What the commands below `orrery swh` have in common. */

import { type Command, InvalidArgumentError } from "commander";
import type { SwhScheduler } from "../../compat/swh/scheduler.ts";
import type { Instant } from "../../kernel/instant.ts";
import { newCommand, type Naming, untilInterrupted } from "../command.ts";
import { createScreen, type Screen } from "../screen.ts";
import type { Shell } from "../shell.ts";
import { openSwhSession, type SwhConnectionOptions } from "./connection.ts";

/** What the work of a command is given. */
export interface SwhWork {
  readonly shell: Shell;
  readonly scheduler: SwhScheduler;
  readonly screen: Screen;
  /** The time when the command began. */
  readonly now: Instant;
}

/** A command below the group, whose help shows the options of the group as well. */
export function swhCommand(shell: Shell, naming: Naming): Command {
  const command = newCommand(shell, naming);
  return command.configureHelp({ ...command.configureHelp(), showGlobalOptions: true });
}

/** Opens the scheduler that the options of `command` name, works, and closes it. */
export async function withSwhScheduler(
  shell: Shell,
  command: Command,
  work: (work: SwhWork) => Promise<void>,
): Promise<void> {
  const options: SwhConnectionOptions = command.optsWithGlobals();
  const screen = createScreen(shell, { verbose: options.verbose === true });
  await using session = await openSwhSession(shell, options, screen);
  const now = shell.clock.now();
  await untilInterrupted(shell.signal, work({ shell, scheduler: session.scheduler, screen, now }));
}

/** Reads a whole number of the command line; what it may be, the scheduler says. */
export function parseWhole(text: string): number {
  const value = Number(text);
  if (/^-?\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number.");
}
