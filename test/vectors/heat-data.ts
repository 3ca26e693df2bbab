/** The shape of the data in `heat/`, which its README explains, and how it is read. */

import { readFileSync } from "node:fs";
import { assert } from "../../src/kernel/assert.ts";
import { isRecord } from "../../src/kernel/json.ts";
import type { Edge } from "../../src/graph/graph.ts";

/** One statement of a task. */
export type Statement =
  | readonly ["yield", unknown?]
  | readonly ["log", string]
  | readonly ["advance", number]
  | readonly ["raise", string, string]
  | readonly ["rethrow"]
  | readonly ["return", unknown?]
  | readonly ["repeat", number, readonly Statement[]]
  | readonly ["forever", readonly Statement[]]
  | readonly ["try", TryBlock]
  | Delegation;

/** A statement that runs a sub-task to its end. */
export type Delegation =
  | readonly ["delegate", string, readonly Statement[]]
  | readonly ["runner", string, TaskScript, DriveSpec?]
  | readonly ["group", string, GroupSpec];

/** Statements with handlers; the first handler whose matcher takes an error has it. */
export interface TryBlock {
  readonly body: readonly Statement[];
  readonly catch?: readonly (readonly [matcher: string, handler: readonly Statement[]])[];
  readonly onClose?: readonly Statement[];
  readonly finally?: readonly Statement[];
}

/** A resumable task or a plain function. */
export type TaskScript =
  | { readonly gen: readonly Statement[] }
  | { readonly fn: readonly Statement[] };

/** Seconds, none, or a function: what it answers by node. */
export type GraceSpec =
  | number
  | null
  | { readonly byNode: Readonly<Record<string, number | null>>; readonly default?: number | null };

/** A group. */
export interface GroupSpec {
  readonly edges?: readonly Edge<string>[];
  readonly tasks?: Readonly<Record<string, TaskScript>>;
  readonly defaultTask?: TaskScript;
  readonly group?: {
    readonly reverse?: boolean;
    readonly aggregate?: boolean;
    readonly errorWait?: GraceSpec;
    readonly name?: string;
  };
}

/** How a runner is driven; durations are seconds. */
export interface DriveSpec {
  readonly wait?: number | null;
  readonly timeout?: number;
  /** Statements by the number of the call, from 1. */
  readonly progress?: Readonly<Record<string, readonly Statement[]>>;
  readonly post?: readonly Statement[];
}

/** One operation of the driver. */
export type Operation =
  | readonly ["next" | "close" | "step" | "state" | "describe"]
  | readonly ["throw", string, string]
  | readonly ["start", DriveSpec?]
  | readonly ["cancel", number?]
  | readonly ["run" | "finish" | "asTask", DriveSpec?]
  | readonly ["cancelAll", GraceSpec?]
  | readonly ["setErrorWait", GraceSpec]
  | readonly ["advance", number];

/** The operation `next`, until the generator ends, at most so often. */
export type Drain = readonly ["drain", number];

/** What happened, and how it was in the end. */
export interface Trace {
  readonly events: readonly unknown[];
  readonly final?: Readonly<Record<string, unknown>>;
}

/** A scenario that is played. */
export interface Scenario extends GroupSpec {
  readonly id: string;
  readonly title: string;
  readonly kind: "group" | "runner" | "delegate" | "polling";
  readonly target?: "raw" | "runner";
  readonly task?: TaskScript;
  readonly name?: string;
  readonly order?: readonly string[];
  readonly notCallable?: boolean;
  readonly enableSleep?: boolean;
  readonly ops: readonly (Operation | Drain)[];
  readonly expect: Trace;
  readonly wrapped?: Trace;
  readonly optional?: string;
}

/** A question about a graph. */
export type Query =
  | readonly ["order" | "reverseOrder" | "keys" | "leaves" | "roots" | "edges" | "reversedEdges"]
  | readonly ["repr" | "str"]
  | readonly ["requires" | "requiredBy" | "slice" | "nodeFlags", string]
  | readonly ["deleteThenEdges", readonly string[]]
  | readonly ["groupRepr", { readonly name?: string }?];

/** A scenario that asks about a graph. */
export interface Questions {
  readonly id: string;
  readonly title: string;
  readonly edges: readonly Edge<string>[];
  readonly queries: readonly Query[];
  readonly expect: { readonly answers: readonly unknown[] };
}

/** The scenarios of a file that are played. */
export function scenariosOf(file: string): readonly Scenario[] {
  const scenarios = read(file);
  assert(areScenarios(scenarios), `${file} holds scenarios`);
  return scenarios;
}

/** The scenarios of a file that ask about graphs. */
export function questionsOf(file: string): readonly Questions[] {
  const questions = read(file);
  assert(areQuestions(questions), `${file} holds questions`);
  return questions;
}

function read(file: string): unknown {
  const path = new URL(`./heat/${file}.json`, import.meta.url);
  const data: unknown = JSON.parse(readFileSync(path, "utf8"));
  assert(isRecord(data), `${file} is an object`);
  return data["scenarios"];
}

/** The data are ours, so their shape is taken as it is declared. */
function areScenarios(data: unknown): data is readonly Scenario[] {
  return Array.isArray(data) && data.every((each) => isRecord(each) && Array.isArray(each["ops"]));
}

function areQuestions(data: unknown): data is readonly Questions[] {
  return (
    Array.isArray(data) && data.every((each) => isRecord(each) && Array.isArray(each["queries"]))
  );
}
