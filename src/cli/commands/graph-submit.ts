/** `orrery graph submit`: stores a graph from a file, or from standard input. */

import { Argument, type Command } from "commander";
import type { SubmitGraphRequest } from "../../api/scheduler.ts";
import { invalidField } from "../../kernel/fields.ts";
import { isRecord, type JsonValue } from "../../kernel/json.ts";
import { schedulerCommand, withScheduler } from "../command.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { showSubmitted } from "../graph-watch.ts";
import { readJsonFile } from "../input-option.ts";
import type { Shell } from "../shell.ts";

interface GraphSubmitOptions extends ConnectionOptions {
  readonly key?: string;
  readonly name?: string;
  readonly wait?: boolean;
}

/** The command. */
export function graphSubmitCommand(shell: Shell): Command {
  return schedulerCommand(shell, {
    name: "submit",
    description: "store a graph whose nodes are tasks",
  })
    .addArgument(
      new Argument("<file>", 'JSON as of `submitGraph`: { "nodes": [ … ] }; - for stdin'),
    )
    .option("--key <text>", "unique: a key that exists answers the graph that has it")
    .option("--name <text>", "a name for people")
    .option("--wait", "show how it goes on until it has ended; exit 1 when it does not succeed")
    .action((file: string, options: GraphSubmitOptions) =>
      withScheduler(shell, options, async (work) => {
        const { key, name, wait = false } = options;
        const value = await readJsonFile(shell, file);
        const graph = await work.scheduler.submitGraph({
          ...requestOf(value),
          ...(key === undefined ? {} : { key }),
          ...(name === undefined ? {} : { name }),
        });
        await showSubmitted(work, graph, { wait });
      }),
    );
}

/** What the file holds is checked where it is stored, local or remote, field by field. */
function requestOf(value: JsonValue): SubmitGraphRequest {
  if (isGraphRequest(value)) return value;
  throw invalidField("file", { expected: 'an object with a list "nodes"', value });
}

function isGraphRequest(value: unknown): value is SubmitGraphRequest {
  return isRecord(value) && Array.isArray(value["nodes"]);
}
