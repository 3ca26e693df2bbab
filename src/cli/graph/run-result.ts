/** How a run of a graph ended, as a record for programs and as a table for people. */

import { keptJson, outputBytesMax } from "../../executors/attempt/kept-json.ts";
import type { RunState } from "../../graph/graph-event.ts";
import { nameOf } from "../../graph/graph.ts";
import type { NodeOutcome } from "../../graph/run-ledger.ts";
import { assertNever } from "../../kernel/assert.ts";
import { messageOf, OrreryError } from "../../kernel/errors.ts";
import { invalidField } from "../../kernel/fields.ts";
import { isRecord, type JsonValue } from "../../kernel/json.ts";
import { describeDuration } from "../duration.ts";
import type { Screen } from "../screen.ts";
import type { Style } from "../terminal/styling.ts";
import type { RunBoard } from "./run-board.ts";
import { summaryOf } from "./run-tree.ts";

/** A run that is over. */
export interface EndedRun {
  readonly state: RunState;
  readonly durationMs: number;
  readonly board: RunBoard;
  readonly outcomes: ReadonlyMap<unknown, NodeOutcome<unknown>>;
}

/** Nodes that went wrong and are listed for people. */
const listedMax = 50;

const styles: Readonly<Record<RunState, Style>> = {
  succeeded: "good",
  failed: "bad",
  cancelled: "warning",
};

/** Shows the end of a run. */
export function showRunResult(screen: Screen, run: EndedRun): void {
  screen.show(recordOf(run), () => {
    screen.fields([
      ["state", { text: run.state, style: styles[run.state] }],
      ["nodes", summaryOf(run.board, run.durationMs)],
    ]);
    const wrong = [...run.outcomes].filter(([, { state }]) => isWrong(state));
    if (wrong.length === 0) return;
    screen.line("");
    screen.table({
      columns: [
        { title: "NODE", flexible: true },
        { title: "STATE" },
        { title: "AFTER" },
        { title: "WHY", flexible: true },
      ],
      rows: wrong
        .slice(0, listedMax)
        .map(([node, outcome]) => [
          nameOf(node),
          { text: outcome.state, style: "bad" },
          describeDuration(run.board.of(node).durationMs ?? 0),
          messageOf(reasonOf(outcome)),
        ]),
    });
    if (wrong.length > listedMax)
      screen.note(`${wrong.length - listedMax} more; --json has them all`);
  });
}

function isWrong(state: NodeOutcome<unknown>["state"]): boolean {
  return state === "failed" || state === "abandoned";
}

function reasonOf(outcome: NodeOutcome<unknown>): unknown {
  switch (outcome.state) {
    case "succeeded":
      return undefined;
    case "failed":
      return outcome.error;
    case "cancelled":
    case "abandoned":
      return outcome.reason;
    default:
      return assertNever(outcome);
  }
}

function recordOf(run: EndedRun): object {
  return {
    state: run.state,
    durationMs: run.durationMs,
    counts: run.board.counts,
    nodes: Array.from(run.outcomes, ([node, outcome]) => ({
      node: nameOf(node),
      state: outcome.state,
      durationMs: run.board.of(node).durationMs,
      ...(outcome.state === "succeeded" ? resultOf({ node, value: outcome.value }) : {}),
      ...(isWrong(outcome.state) ? { error: errorRecord(reasonOf(outcome)) } : {}),
    })),
  };
}

/** What a node has answered. */
interface NodeResult {
  readonly node: unknown;
  readonly value: unknown;
}

/** The result as JSON; what is none is told instead of half a result. */
function resultOf({ node, value }: NodeResult): object {
  try {
    const field = `result of ${nameOf(node)}`;
    return { result: keptJson(value, { field, bytesMax: outputBytesMax }) };
  } catch (error) {
    return { result: null, resultProblem: messageOf(error) };
  }
}

function errorRecord(error: unknown): object {
  return { code: error instanceof OrreryError ? error.code : null, message: messageOf(error) };
}

/**
 * The results in a record that `--json` printed, by node: what a run in reverse undoes.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function resultsIn(record: JsonValue, field: string): Readonly<Record<string, unknown>> {
  const nodes = isRecord(record) ? record["nodes"] : undefined;
  if (!Array.isArray(nodes)) {
    throw invalidField(field, { expected: "what `orrery graph run --json` prints", value: record });
  }
  return Object.fromEntries(
    nodes.flatMap((each: unknown): (readonly [string, unknown])[] => {
      if (!isRecord(each) || typeof each["node"] !== "string") return [];
      return each["state"] === "succeeded" ? [[each["node"], each["result"]]] : [];
    }),
  );
}
