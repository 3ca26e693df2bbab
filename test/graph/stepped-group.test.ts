/**
 * The stepped group on random graphs. With `compat: "heat"` it must do, step for step, what its
 * rules do when they are followed without regard to speed; without it, what a group promises must
 * hold however its nodes behave. Every node writes down what happens to it.
 */

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Dependencies } from "../../src/graph/dependencies.ts";
import { DependencyTaskGroup } from "../../src/graph/dependency-task-group.ts";
import type { Edge } from "../../src/graph/graph.ts";
import type { Resumable } from "../../src/graph/stepped-task.ts";
import { TaskInterrupt } from "../../src/graph/task-interrupt.ts";
import { TaskRunner } from "../../src/graph/task-runner.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { NaiveGroup, type NaiveOptions } from "./naive-group.ts";

/** How a node behaves: what it suspends with, and how it ends. */
interface Behaviour {
  readonly isPlain: boolean;
  readonly suspensions: readonly number[];
  readonly ending: "return" | "fail" | "interrupt";
  readonly whenClosed: "nothing" | "fail" | "suspend";
}

/** What is done to the group between its steps; seconds are for the last three. */
interface Move {
  readonly kind: "step" | "throw" | "interrupt" | "close" | "advance" | "cancelAll";
  readonly seconds: number | null;
}

interface Play {
  readonly edges: readonly Edge<string>[];
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  readonly reverse: boolean;
  readonly aggregateExceptions: boolean;
  readonly grace: number | null;
  readonly hasGraceByNode: boolean;
  readonly moves: readonly Move[];
}

interface Running {
  readonly generator: Resumable<unknown>;
  readonly cancelAll: (seconds: number | null) => void;
}

const nodeCountMax = 9;
const stepsMax = 60;

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  isPlain: fc.boolean(),
  suspensions: fc.array(fc.nat(3), { maxLength: 3 }),
  ending: fc.constantFrom("return", "return", "return", "fail", "interrupt"),
  whenClosed: fc.constantFrom("nothing", "nothing", "fail", "suspend"),
});

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant("step" as const) },
    fc.constantFrom("throw" as const, "interrupt" as const, "close" as const),
    { weight: 2, arbitrary: fc.constantFrom("advance" as const, "cancelAll" as const) },
  ),
  seconds: fc.option(fc.nat(3)),
});

const acyclicEdges = fc
  .array(fc.tuple(fc.nat(nodeCountMax), fc.nat(nodeCountMax)), { minLength: 1, maxLength: 16 })
  .map((pairs) =>
    pairs.map(([a, b]): Edge<string> => (a > b ? [`n${a}`, `n${b}`] : [`n${a}`, null])),
  );

const play: fc.Arbitrary<Play> = fc.record({
  edges: acyclicEdges,
  behaviours: fc.record(
    Object.fromEntries(
      Array.from({ length: nodeCountMax + 1 }, (_, node) => [`n${node}`, behaviour]),
    ),
  ),
  reverse: fc.boolean(),
  aggregateExceptions: fc.boolean(),
  grace: fc.option(fc.nat(3)),
  hasGraceByNode: fc.boolean(),
  moves: fc.array(move, { maxLength: 20 }),
});

/** Runs a play, on the group or on its model, and writes down all that happens. */
function perform(
  { edges: given, behaviours, moves, ...settings }: Play,
  build: (dependencies: Dependencies<string>, options: NaiveOptions) => Running,
): readonly string[] {
  const log: string[] = [];
  const clock = createManualClock();
  const graceOf = (node: string): number | null => {
    log.push(`${node} asked`);
    return node < "n5" ? settings.grace : 1;
  };
  const { generator, cancelAll } = build(new Dependencies(given), {
    task: (node) => taskOf(node, { behaviour: behaviours[node], log }),
    reverse: settings.reverse,
    aggregateExceptions: settings.aggregateExceptions,
    errorWaitTime: settings.hasGraceByNode ? graceOf : settings.grace,
    clock,
  });
  const note = (act: () => unknown): void => {
    try {
      log.push(`= ${String(act())}`);
    } catch (error) {
      log.push(`! ${String(error)}`);
    }
  };
  const step = (): void => note(() => generator.next().done);
  for (const { kind, seconds } of moves) {
    log.push(kind);
    if (kind === "step") step();
    else if (kind === "throw") note(() => generator.throw(new RangeError("thrown")).done);
    else if (kind === "interrupt") note(() => generator.throw(new TaskInterrupt("now")).done);
    else if (kind === "close") note(() => generator.return(undefined).done);
    else if (kind === "advance") clock.advance((seconds ?? 0) * 1_000);
    else note(() => cancelAll(seconds));
  }
  for (let count = 0; count < stepsMax; count += 1) {
    clock.advance(500);
    step();
  }
  return log;
}

function taskOf(
  node: string,
  { behaviour: given, log }: { readonly behaviour: Behaviour | undefined; readonly log: string[] },
): unknown {
  const { isPlain, suspensions, ending, whenClosed } = given ?? lone;
  const end = (): string => {
    log.push(`${node} ${ending}s`);
    if (ending === "fail") throw new TypeError(node);
    if (ending === "interrupt") throw new TaskInterrupt(node);
    return node;
  };
  if (isPlain) return end();
  return (function* () {
    log.push(`${node} enters`);
    for (const period of suspensions) {
      let isClosed = true;
      try {
        yield period;
        isClosed = false;
      } finally {
        if (isClosed) {
          log.push(`${node} is closed`);
          if (whenClosed === "fail") JSON.parse(`${node} while closed`);
          if (whenClosed === "suspend") yield;
        }
      }
      log.push(`${node} goes on`);
    }
    return end();
  })();
}

const lone: Behaviour = {
  isPlain: false,
  suspensions: [1],
  ending: "return",
  whenClosed: "nothing",
};

function onGroup(
  compat?: "heat",
): (dependencies: Dependencies<string>, options: NaiveOptions) => Running {
  return (dependencies, options) => {
    const group = new DependencyTaskGroup(dependencies, {
      ...options,
      ...(compat === undefined ? {} : { compat }),
    });
    return { generator: group.run(), cancelAll: (seconds) => group.cancelAll(seconds) };
  };
}

function onModel(dependencies: Dependencies<string>, options: NaiveOptions): Running {
  const group = new NaiveGroup(dependencies, options);
  return { generator: group.run(), cancelAll: (seconds) => group.cancelAll(seconds) };
}

describe("with compat heat", () => {
  it("does step for step what its rules say when every pass looks at every node", () => {
    fc.assert(
      fc.property(play, (given) => {
        expect(perform(given, onGroup("heat"))).toEqual(perform(given, onModel));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The nodes of lines such as `n3 enters`. */
function nodesThat(log: readonly string[], deed: string): readonly string[] {
  return log.filter((line) => line.endsWith(` ${deed}`)).map((line) => line.split(" ", 1)[0] ?? "");
}

describe("whatever its nodes do", () => {
  it("starts each node once, after all that it requires has returned", () => {
    fc.assert(
      fc.property(play, (given) => {
        const log = perform(given, onGroup());
        const dependencies = new Dependencies(given.edges);
        const turned = given.reverse ? dependencies.reversed() : dependencies;
        for (const [line, text] of log.entries()) {
          const [node = "", deed] = text.split(" ");
          if (deed !== "enters") continue;
          const before = new Set(nodesThat(log.slice(0, line), "returns"));
          expect([...turned.requires(node)].filter((required) => !before.has(required))).toEqual(
            [],
          );
        }
        const entered = nodesThat(log, "enters");
        expect(new Set(entered).size).toBe(entered.length);
      }),
    );
  });

  it("leaves no node behind when it ends", () => {
    fc.assert(
      fc.property(play, (given) => {
        const log = perform(given, onGroup());
        expect(log.at(-1)).toBe("= true");
        const left = new Set(nodesThat(log, "enters"));
        for (const deed of ["returns", "fails", "interrupts", "is closed"]) {
          for (const node of nodesThat(log, deed)) left.delete(node);
        }
        expect([...left]).toEqual([]);
      }),
    );
  });

  it("pauses as often as the heaviest path has suspensions, forwards and in reverse", () => {
    fc.assert(
      fc.property(play, (given) => {
        const behaviours = Object.fromEntries(
          Object.entries(given.behaviours).map(([node, each]) => {
            return [
              node,
              { ...each, ending: "return" as const, suspensions: each.suspensions.map(() => 1) },
            ];
          }),
        );
        const log = perform({ ...given, behaviours, moves: [] }, onGroup());
        expect(log.filter((line) => line === "= false").length).toBe(
          heaviestPath(new Dependencies(given.edges), behaviours),
        );
      }),
    );
  });

  it("aggregating, lets everything return that requires nothing that failed", () => {
    fc.assert(
      fc.property(play, (given) => {
        const behaviours = Object.fromEntries(
          Object.entries(given.behaviours).map(([node, each]) => {
            return [
              node,
              each.ending === "interrupt" ? { ...each, ending: "return" as const } : each,
            ];
          }),
        );
        const log = perform(
          { ...given, behaviours, moves: [], aggregateExceptions: true },
          onGroup(),
        );
        const dependencies = new Dependencies(given.edges);
        const turned = given.reverse ? dependencies.reversed() : dependencies;
        const doomed = new Set(
          [...turned]
            .filter((node) => behaviours[node]?.ending === "fail")
            .flatMap((node) => Array.from(turned.slice(node))),
        );
        const expected = [...turned].filter((node) => !doomed.has(node));
        expect(nodesThat(log, "returns").toSorted()).toEqual(expected.toSorted());
        expect(log.some((line) => line.startsWith("! ExceptionGroup"))).toBe(doomed.size > 0);
      }),
    );
  });
});

function heaviestPath(
  dependencies: Dependencies<string>,
  behaviours: Readonly<Record<string, Behaviour>>,
): number {
  const weights = new Map<string, number>();
  for (const node of dependencies) {
    const { isPlain, suspensions } = behaviours[node] ?? lone;
    const before = Array.from(dependencies.requires(node), (each) => weights.get(each) ?? 0);
    weights.set(node, Math.max(0, ...before) + (isPlain ? 0 : suspensions.length));
  }
  return Math.max(0, ...weights.values());
}

describe("the work of a group", () => {
  it.each(["chain", "chain in reverse", "star", "star of failures"])(
    "grows no faster than its nodes: %s",
    (shape) => {
      expect(looksPerNode(shape, 2_000)).toBeLessThan(1.01 * looksPerNode(shape, 500));
    },
  );
});

/** How often a group asks a runner anything, for each node. */
function looksPerNode(shape: string, nodeCount: number): number {
  const looks = (["started", "done"] as const).map((name) =>
    vi.spyOn(TaskRunner.prototype, name, "get"),
  );
  const edges = Array.from({ length: nodeCount }, (_, node): Edge<number> =>
    node === 0 ? [node, null] : [node, shape.startsWith("chain") ? node - 1 : 0],
  );
  const group = new DependencyTaskGroup(new Dependencies(edges), {
    *task(node: number) {
      yield;
      if (node > 0 && shape.includes("failures")) throw new TypeError(`node ${node}`);
    },
    reverse: shape.includes("reverse"),
    errorWaitTime: 1,
    clock: createManualClock(),
  });
  const run = group.run();
  try {
    while (run.next().done !== true);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
  }
  const count = looks.reduce((sum, look) => sum + look.mock.calls.length, 0);
  for (const look of looks) look.mockRestore();
  return count / nodeCount;
}
