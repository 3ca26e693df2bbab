/**
 * Commands of the reference that need what Orrery does not have. They are there to say so, and what
 * to use instead, to whoever brings a script along; none of them does anything.
 */

import type { Command } from "commander";
import { SchedulerException } from "../../compat/swh/errors.ts";
import type { Shell } from "../shell.ts";
import { swhCommand } from "./command.ts";

const broker = "it sends messages to a Celery broker, which Orrery does not";
const rpc =
  "workers and runners that speak the RPC do it: `orrery serve` answers theirs, and the" +
  " reference's own runner and listener may run against it";

/** Their names. */
export type RefusedName =
  | "send-origins-from-scheduler-to-celery"
  | "send-origins-from-file-to-celery"
  | "schedule-first-visits"
  | "register"
  | "start-runner"
  | "start-listener"
  | "schedule-recurrent"
  | "start-runner-first-visits"
  | "journal-client"
  | "celery-monitor"
  | "simulator"
  | "rpc-serve";

/** Why, and what to do instead. */
type Refusal = readonly [why: string, instead: string];

const sendInstead =
  "`swh origin schedule-next` stores a task for each origin, `swh origin grab-next` prints them";

const refusals: Readonly<Record<RefusedName, Refusal>> = {
  "send-origins-from-scheduler-to-celery": [broker, sendInstead],
  "send-origins-from-file-to-celery": [
    broker,
    "`swh task schedule` stores tasks of a file, `visit import` records origins of one",
  ],
  "schedule-first-visits": [
    broker,
    "`visit next --policy first-visits-after-listing` chooses the same origins",
  ],
  register: [
    "it reads the Celery tasks of installed Python packages, which Orrery does not",
    "`swh task-type add` registers one type; the reference's own `task-type register` works with" +
      " `--url` of an Orrery server",
  ],
  "start-runner": [broker, rpc],
  "start-listener": [broker, rpc],
  "schedule-recurrent": [broker, rpc],
  "start-runner-first-visits": [broker, rpc],
  "journal-client": [
    "it reads Kafka, which Orrery does not",
    "the reference's own journal client works with `--url` of an Orrery server",
  ],
  "celery-monitor": [broker, "`orrery status` shows the workers of Orrery"],
  simulator: [
    "it is an experiment of the reference's on its own classes",
    "`orrery visit peek --at` shows what a policy chooses at any time",
  ],
  "rpc-serve": [
    "the RPC is a part of the server",
    "`orrery serve` answers below /swh/, and with --swh-listen on a port of its own",
  ],
};

/** A command that says why it does nothing, whatever options it is given; exits 1. */
export function refusedCommand(shell: Shell, name: RefusedName): Command {
  const [why, instead] = refusals[name];
  return swhCommand(shell, { name, description: `not available: ${why}` })
    .argument("[anything...]", "whatever it took there")
    .allowUnknownOption()
    .action(() => {
      throw new SchedulerException(`${name} is not available: ${why}`, "ORR_INPUT_INVALID", {
        hint: instead,
      });
    });
}
