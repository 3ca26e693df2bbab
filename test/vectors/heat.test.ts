/**
 * Every scenario of `heat/` on our engine, event by event. Where the reference has a defect, ours
 * shows it only with `compat: "heat"`, so that is how the scenarios run; what differs without it is
 * tested beside the sources.
 */

import { describe, expect, it } from "vitest";
import { Dependencies } from "../../src/graph/dependencies.ts";
import { DependencyTaskGroup } from "../../src/graph/dependency-task-group.ts";
import type { Edge } from "../../src/graph/graph.ts";
import { assertNever } from "../../src/kernel/assert.ts";
import { type Query, questionsOf, type Scenario, scenariosOf } from "./heat-data.ts";
import { described, inOurWords } from "./heat-errors.ts";
import { replay, type ReplayOptions } from "./heat-replay.ts";

const played = ["group-order", "group-failure", "group-random", "runner", "polling"];
const delegations = scenariosOf("delegate");
const dependencyQuestions = questionsOf("dependencies");

it("replays all scenarios that were recorded", () => {
  const counts = Object.fromEntries(played.map((file) => [file, scenariosOf(file).length]));
  expect({
    ...counts,
    delegate: delegations.length,
    dependencies: dependencyQuestions.length,
  }).toEqual({
    "group-order": 41,
    "group-failure": 59,
    "group-random": 49,
    runner: 66,
    polling: 6,
    delegate: 35,
    dependencies: 17,
  });
});

async function expectTrace(scenario: Scenario, options: ReplayOptions): Promise<void> {
  const expected = (options.compat === "heat" ? scenario.wrapped : undefined) ?? scenario.expect;
  expect(await replay(scenario, options)).toEqual(inOurWords(expected));
}

describe.each(played)("%s", (file) => {
  it.each(scenariosOf(file))("$id replays: $title", async (scenario) => {
    await expectTrace(scenario, { compat: "heat" });
  });
});

// What `yield*` cannot do is optional for it alone: wrappertask replays that below.
const isBeyondTheLanguage = ({ optional }: Scenario): boolean => optional !== undefined;

it("leaves out of what the language replays one delegation, which says why", () => {
  expect(delegations.filter(isBeyondTheLanguage).map(({ optional }) => optional)).toEqual([
    "suspension while being closed; " +
      "native delegation in JavaScript cannot show the error to the parent",
  ]);
});

// A control of the scripts, and of what wrappertask is to do without.
describe("delegate, by the language", () => {
  it.each(delegations.filter((scenario) => !isBeyondTheLanguage(scenario)))(
    "$id, native: $title",
    async (scenario) => {
      await expectTrace(scenario, { delegateBy: "yield*" });
    },
  );
});

describe("delegate, by wrappertask", () => {
  it.each(delegations)("$id, wrapped: $title", async (scenario) => {
    await expectTrace(scenario, { delegateBy: "wrappertask" });
  });
});

describe("delegate, by wrappertask as it was", () => {
  it.each(delegations)("$id, wrapped as it was: $title", async (scenario) => {
    await expectTrace(scenario, { delegateBy: "wrappertask", compat: "heat" });
  });
});

describe("dependencies", () => {
  it.each(dependencyQuestions)("$id answers: $title", (questions) => {
    const dependencies = new Dependencies(questions.edges, { compat: "heat" });
    const answers = questions.queries.map((query) => answerOf(() => answerTo(query, dependencies)));
    // An error whose text depended on the run has none in the data.
    expect(answers).toMatchObject(questions.expect.answers.map(inOurWords));
  });
});

function answerOf(ask: () => unknown): object {
  try {
    return { value: ask() };
  } catch (error) {
    return { error: described(error) };
  }
}

function answerTo(query: Query, dependencies: Dependencies<string>): unknown {
  switch (query[0]) {
    case "order":
      return [...dependencies];
    case "reverseOrder":
      return [...dependencies.reversed()];
    case "keys":
      return [...dependencies.graph()];
    case "leaves":
      return dependencies.leaves().toSorted();
    case "roots":
      return dependencies.roots().toSorted();
    case "edges":
      return sortedEdges(dependencies);
    case "reversedEdges":
      return sortedEdges(dependencies.graph({ reverse: true }));
    case "requires":
      return [...dependencies.requires(query[1])].toSorted();
    case "requiredBy":
      return [...dependencies.requiredBy(query[1])].toSorted();
    case "slice":
      return sortedEdges(dependencies.slice(query[1]));
    case "nodeFlags":
      return flagsOf(dependencies, query[1]);
    case "deleteThenEdges": {
      const graph = dependencies.graph();
      for (const node of query[1]) graph.delete(node);
      return sortedEdges(graph);
    }
    case "repr":
      return dependencies.repr();
    case "str":
      return String(dependencies);
    case "groupRepr":
      return String(new DependencyTaskGroup(dependencies, { task: node_task, ...query[1] }));
    default:
      return assertNever(query[0]);
  }
}

function sortedEdges(graph: { edges(): Iterable<Edge<string>> }): readonly Edge<string>[] {
  return [...graph.edges()].toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

function flagsOf(dependencies: Dependencies<string>, node: string): object {
  const count = dependencies.requires(node).size;
  const stem = dependencies.requiredBy(node).size === 0;
  return { leaf: count === 0, stem, disjoint: count === 0 && stem, count };
}

// Its name shows in texts.
function node_task(node: string): string {
  return node;
}
