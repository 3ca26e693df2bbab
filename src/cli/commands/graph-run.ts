/** `orrery graph run`: runs the graph of a module in this process. Needs no server. */

import { type Command, Option } from "commander";
import { isGraphDefinition } from "../../graph/graph-definition.ts";
import { type Graph, graphFrom, nameOf, reversed } from "../../graph/graph.ts";
import type { RunState } from "../../graph/graph-event.ts";
import { settleGraph } from "../../graph/run-graph.ts";
import type { NodeOutcome } from "../../graph/run-ledger.ts";
import type { OnFailure, RunGraphOptions } from "../../graph/run-options.ts";
import { partOf } from "../../graph/slices.ts";
import { ExecutorError, InvalidInputError, messageOf } from "../../kernel/errors.ts";
import { newCommand, parseCount } from "../command.ts";
import { withOutputOptions } from "../connection/connection-options.ts";
import { parseDuration } from "../duration.ts";
import { type GraphModule, loadGraphModule } from "../graph/load-graph.ts";
import { resultsIn, showRunResult } from "../graph/run-result.ts";
import { openRunView } from "../graph/run-view.ts";
import { parseJson } from "../input-option.ts";
import { readTextFile } from "../read-file.ts";
import { createScreen, type ScreenOptions } from "../screen.ts";
import type { Shell } from "../shell.ts";

interface GraphRunOptions extends ScreenOptions {
  readonly concurrency?: number;
  readonly onFailure?: OnFailure;
  readonly timeout?: string;
  readonly grace?: string;
  readonly reverse?: boolean;
  readonly results?: string;
}

/** The command. */
export function graphRunCommand(shell: Shell): Command {
  const command = newCommand(shell, {
    name: "run",
    description: "run the graph of a module here, and show how far each node has come",
  })
    .argument("<module>", "a module (.ts, .js) whose default export is a graph")
    .option("--concurrency <number>", "nodes that run at a time (default no bound)", parseCount)
    .addOption(
      new Option("--on-failure <rule>", "what follows when a node fails (default stop)").choices([
        "stop",
        "isolate",
      ]),
    )
    .option("--timeout <duration>", "ask all nodes to stop after this time")
    .option("--grace <duration>", "give up on a node so long after it was asked to stop")
    .option("--reverse", "backwards; a graph with `undo` needs --results too")
    .option("--results <file>", "what an earlier run printed with --json, to be undone");
  return withOutputOptions(command).action(async (file: string, options: GraphRunOptions) => {
    await run(shell, await loadGraphModule(shell, file), options);
  });
}

async function run(shell: Shell, module: GraphModule, options: GraphRunOptions): Promise<void> {
  const screen = createScreen(shell, options);
  const plan = await readRun(shell, module, options);
  const startedMs = shell.clock.monotonicMs();
  const view = openRunView(shell, plan.graph, { quiet: screen.json });
  const { state, error, outcomes } = await settled(module, plan, {
    ...limitsOf(options),
    clock: shell.clock,
    signal: shell.signal,
    onEvent: view.onEvent,
  }).finally(() => view[Symbol.dispose]());
  const durationMs = shell.clock.monotonicMs() - startedMs;
  showRunResult(screen, { state, durationMs, board: view.board, outcomes });
  if (state === "succeeded") return;
  // An interrupt and a time-out are told as what they are, the failure of a node as a failure.
  if (state === "cancelled") throw error;
  throw new ExecutorError("ORR_EXEC_FAILED", `the graph failed: ${messageOf(error)}`, {
    cause: error,
  });
}

/** What is run: the direction, and with `undo` the results that are undone. */
interface PlannedRun {
  /** In the direction of the run. */
  readonly graph: Graph<unknown>;
  readonly isReverse: boolean;
  readonly results: Readonly<Record<string, unknown>> | undefined;
}

async function readRun(
  shell: Shell,
  { graph: source, options: given }: GraphModule,
  options: GraphRunOptions,
): Promise<PlannedRun> {
  const isReverse = options.reverse ?? given.reverse ?? false;
  const isUndo = isReverse && given.run === undefined;
  if (isUndo !== (options.results !== undefined)) {
    const message = isUndo
      ? "--reverse undoes an earlier run: --results must name what that printed with --json"
      : "--results goes with --reverse, for a graph whose nodes have `undo`";
    throw new InvalidInputError("ORR_INPUT_INVALID", message, { details: { field: "--results" } });
  }
  const graph = graphFrom(source);
  if (options.results === undefined) {
    return { graph: isReverse ? reversed(graph) : graph, isReverse, results: undefined };
  }
  const results = await readResults(shell, options.results);
  const marks = Uint8Array.from(graph.keys, (key) => (Object.hasOwn(results, nameOf(key)) ? 1 : 0));
  return { graph: reversed(partOf(graph, marks)), isReverse, results };
}

async function readResults(shell: Shell, file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile(shell, { file, field: "--results" });
  return resultsIn(parseJson(text, file), "--results");
}

function limitsOf(options: GraphRunOptions): RunGraphOptions<unknown> {
  const { concurrency, onFailure, timeout, grace } = options;
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
    ...(grace === undefined ? {} : { graceMs: parseDuration(grace, "--grace") }),
  };
}

/** Runs the graph in the way that its module asks for. */
async function settled(
  { graph, options }: GraphModule,
  { isReverse, results }: PlannedRun,
  more: RunGraphOptions<unknown>,
): Promise<{
  readonly state: RunState;
  readonly error: unknown;
  readonly outcomes: ReadonlyMap<unknown, NodeOutcome<unknown>>;
}> {
  const { run: runNode, reverse: _reverse, ...rest } = options;
  if (runNode !== undefined) {
    return settleGraph(graph, { ...rest, ...more, run: runNode, reverse: isReverse });
  }
  if (!isGraphDefinition(graph)) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "the module has a graph, but nothing to run", {
      details: { field: "run", hint: "export { graph, run }, where run is called for each node" },
    });
  }
  const ended =
    results === undefined
      ? await settleGraph(graph, { ...rest, ...more })
      : await settleGraph(graph, { ...rest, ...more, reverse: true, results });
  const { state, error, outcomes } = ended;
  return { state, error, outcomes: new Map(Object.entries(outcomes)) };
}
