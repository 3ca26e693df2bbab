/**
 * What a group does, and each of the points in which it differs from the reference unless
 * `compat: "heat"` asks for those. Nodes note `a1`, `a2`, … at their suspensions, then `a.`, or
 * `a!` when they are closed.
 */

import { describe, expect, it } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { runOnClock } from "../testing/run-on-clock.ts";
import { Dependencies } from "./dependencies.ts";
import { DependencyTaskGroup, type GroupOptions } from "./dependency-task-group.ts";
import { ExceptionGroup } from "./exception-group.ts";
import type { Edge } from "./graph.ts";
import type { Resumable } from "./stepped-task.ts";
import { TaskInterrupt } from "./task-interrupt.ts";
import { TaskRunner } from "./task-runner.ts";

/** How many suspensions a node has, and whether it fails after them. */
type Script = number | { readonly failsAfter: number };

interface Staged {
  readonly group: DependencyTaskGroup<string, string>;
  readonly run: Resumable<ReadonlyMap<string, string>>;
  /** What was noted since it was asked last, as one line. */
  readonly noted: () => string;
  readonly clock: ReturnType<typeof createManualClock>;
}

/** A group of nodes that note what happens to them; a node without a script suspends once. */
function stage(
  edges: readonly Edge<string>[],
  scripts: Readonly<Record<string, Script>> = {},
  options: GroupOptions<string> = {},
): Staged {
  const notes: string[] = [];
  const clock = createManualClock();
  const group = new DependencyTaskGroup(new Dependencies(edges), {
    *task(node: string) {
      const script = scripts[node] ?? 1;
      const suspensionCount = typeof script === "number" ? script : script.failsAfter;
      let isClosed = true;
      try {
        for (let at = 1; at <= suspensionCount; at += 1) {
          notes.push(`${node}${at}`);
          yield;
        }
        isClosed = false;
      } finally {
        if (isClosed) notes.push(`${node}!`);
      }
      if (typeof script !== "number") throw new RangeError(`${node} failed`);
      notes.push(`${node}.`);
      return node.toUpperCase();
    },
    clock,
    ...options,
  });
  return { group, run: group.run(), noted: () => notes.splice(0).join(" "), clock };
}

/** Steps to the end: what was noted in each step, and then the result or error. */
function play({ run, noted }: Staged): readonly unknown[] {
  const steps: unknown[] = [];
  try {
    for (let step = run.next(); step.done !== true; step = run.next()) steps.push(noted());
    return [...steps, noted()];
  } catch (error) {
    return [...steps, noted(), error];
  }
}

const native = {};
const heat = { compat: "heat" } as const;
const chain: readonly Edge<string>[] = [
  ["c", "b"],
  ["b", "a"],
];
const lone = (...nodes: readonly string[]): readonly Edge<string>[] =>
  nodes.map((node) => [node, null]);

describe("a run", () => {
  it("starts a node in the step in which the last of what it requires ends", () => {
    const staged = stage(
      [
        ["d", "b"],
        ["d", "c"],
        ["b", "a"],
        ["c", "a"],
      ],
      { b: 2 },
    );
    expect(play(staged)).toEqual(["a1", "a. b1 c1", "b2 c.", "b. d1", "d."]);
  });

  it("ends with the results of its nodes, which are gone through with a second run", () => {
    const { group, run } = stage(chain);
    expect([...run]).toHaveLength(3);
    const again = group.run().next();
    expect(again).toEqual({
      done: true,
      value: new Map([
        ["a", "A"],
        ["b", "B"],
        ["c", "C"],
      ]),
    });
    expect(group.nodes.get("c")).toEqual({
      started: true,
      done: true,
      outcome: { state: "succeeded", value: "C" },
    });
  });

  it("goes the other way in reverse", () => {
    expect(play(stage(chain, {}, { reverse: true }))).toEqual(["c1", "c. b1", "b. a1", "a."]);
  });

  it("takes any number of steps of no length at once, with compat heat not in reverse", () => {
    const scripts = { a: 0, b: 0, c: 0 };
    expect(play(stage(chain, scripts))).toEqual(["a. b. c."]);
    expect(play(stage(chain, scripts, { reverse: true }))).toEqual(["c. b. a."]);
    expect(play(stage(chain, scripts, { reverse: true, ...heat }))).toEqual(["c.", "b.", "a."]);
  });

  it("calls the nodes when they are tasks", () => {
    const calls: string[] = [];
    const first = (): number => calls.push("first");
    const second = { run: (): number => calls.push("second") };
    const group = new DependencyTaskGroup(
      new Dependencies<typeof first | typeof second>([[second, first]]),
    );
    expect(group.run().next().done).toBe(true);
    expect(calls).toEqual(["first", "second"]);
    expect(() => new DependencyTaskGroup(new Dependencies([[first, "x" as never]]))).toThrow(
      'options.task must be given, because a node is no task itself, not "x"',
    );
  });

  it("is driven by a runner, whose deadline closes all nodes", async () => {
    const { group, clock, noted } = stage(chain, { a: 1, b: 99 }, { errorWaitTime: 50 });
    const runner = new TaskRunner(group, { clock });
    await expect(runOnClock(clock, runner.run({ timeout: 2 }))).rejects.toThrow("Timed out");
    expect(noted()).toBe("a1 a. b1 b2 b3 b!");
    expect(group.nodes.get("c")?.outcome).toEqual({ state: "cancelled" });
  });

  it("refuses a cycle before anything starts, and a second run at a time", () => {
    const cycle = new Dependencies([...chain, ["a", "c"]]);
    const task = (node: string): string => node;
    expect(() => new DependencyTaskGroup(cycle, { task })).toThrow(
      "the graph has cycles; the shortest is b > a > c > b",
    );
    expect(() => new DependencyTaskGroup(cycle, { task, ...heat })).toThrow(
      "Circular Dependency Found: {b: {a}, c: {b}, a: {c}}",
    );
    const { group, run } = stage(chain);
    run.next();
    expect(() => group.run().next()).toThrow("is running already");
  });
});

describe("a failure", () => {
  it("closes all nodes in flight and is thrown, and nothing starts any more", () => {
    const steps = play(stage([...chain, ["x", null]], { a: { failsAfter: 1 }, x: 9 }));
    expect(steps).toEqual(["a1 x1", "x2 x!", new RangeError("a failed")]);
  });

  it("at the start of a node ends the run in that step", () => {
    const steps = play(stage(lone("a", "b", "c"), { a: 9, b: { failsAfter: 0 }, c: 9 }));
    expect(steps).toEqual(["a1 a!", new RangeError("b failed")]);
  });

  it("lets the others have their turn first, with compat heat not those after it", () => {
    const scripts = { b: { failsAfter: 1 }, c: 9 };
    expect(play(stage(lone("b", "c"), scripts, native))).toEqual([
      "b1 c1",
      "c2 c!",
      new RangeError("b failed"),
    ]);
    expect(play(stage(lone("b", "c"), scripts, heat))).toEqual([
      "b1 c1",
      "c!",
      new RangeError("b failed"),
    ]);
  });

  it("gives nodes in flight the error wait time, which is read at that moment", () => {
    const staged = stage(lone("a", "b", "c"), { a: { failsAfter: 1 }, b: 3, c: 9 });
    staged.group.errorWaitTime = 2;
    staged.run.next();
    staged.run.next();
    staged.run.next();
    staged.clock.advance(2_000);
    staged.run.next();
    expect(staged.noted()).toBe("a1 b1 c1 b2 c2 b3 c3 b. c4");
    staged.clock.advance(1);
    expect(() => staged.run.next()).toThrow("a failed");
    expect(staged.noted()).toBe("c!");
  });

  it("asks for the error wait time of each node in flight", () => {
    const asked: string[] = [];
    const errorWaitTime = (node: string): number | null => {
      asked.push(node);
      return node === "b" ? 5 : null;
    };
    const scripts = { a: { failsAfter: 1 }, b: 2, c: 9 };
    const steps = play(stage([...lone("a", "b", "c"), ["d", "c"]], scripts, { errorWaitTime }));
    expect(steps).toEqual(["a1 b1 c1", "b2 c2 c!", "b.", new RangeError("a failed")]);
    expect(asked).toEqual(["b", "c"]);
  });

  it("is final for the node, which with compat heat costs one pause more", () => {
    const scripts = { a: { failsAfter: 1 } };
    const options = { errorWaitTime: 9 };
    expect(play(stage(lone("a"), scripts, options))).toEqual([
      "a1",
      "",
      new RangeError("a failed"),
    ]);
    expect(play(stage(lone("a"), scripts, { ...options, ...heat }))).toEqual([
      "a1",
      "",
      "",
      new RangeError("a failed"),
    ]);
  });

  it("of the function asked for error wait times counts as null, and is told as well", () => {
    const errorWaitTime = (): number => {
      throw new TypeError("no answer");
    };
    const scripts = { a: { failsAfter: 1 }, b: 9 };
    const steps = play(stage(lone("a", "b"), scripts, { errorWaitTime }));
    expect(steps).toEqual(["a1 b1", "b2 b!", expect.any(ExceptionGroup)]);
    expect(steps.at(-1)).toMatchObject({
      errors: [new RangeError("a failed"), new TypeError("no answer")],
    });
    // There it is all that is told; the nodes are closed nevertheless.
    const heatSteps = play(stage(lone("a", "b"), scripts, { errorWaitTime, ...heat }));
    expect(heatSteps).toEqual(["a1 b1", "b!", new TypeError("no answer")]);
  });

  it("of a node that is being closed is only that node's outcome", () => {
    const { group, run } = stage(lone("a", "b"), { a: { failsAfter: 1 } });
    const failing = new DependencyTaskGroup(new Dependencies(lone("a", "b")), {
      *task(node: string) {
        try {
          yield;
          if (node === "a") throw new RangeError("first");
          yield;
        } finally {
          if (node === "b") JSON.parse("{");
        }
      },
    });
    const failed = failing.run();
    failed.next();
    expect(() => failed.next()).toThrow("first");
    expect(failing.nodes.get("b")?.outcome).toEqual({
      state: "failed",
      error: expect.any(SyntaxError),
    });
    run.next();
    expect(() => run.next()).toThrow("a failed");
    expect(group.nodes.get("b")?.outcome).toEqual({ state: "succeeded", value: "B" });
  });

  it("that is an interrupt closes everything at once and passes", () => {
    const halt = new TaskInterrupt("halt");
    const staged = stage(
      lone("b", "c"),
      { b: 9, c: 9 },
      { errorWaitTime: 9, aggregateExceptions: true },
    );
    staged.run.next();
    expect(() => staged.run.throw(halt)).toThrow(halt);
    expect(staged.noted()).toBe("b1 c1 b! c!");

    const group = new DependencyTaskGroup(new Dependencies(lone("a", "b")), {
      *task(node: string) {
        yield;
        if (node === "a") throw halt;
      },
    });
    const run = group.run();
    run.next();
    expect(() => run.next()).toThrow(halt);
    expect(group.nodes.get("b")?.outcome).toEqual({ state: "cancelled" });
  });
});

it("passes an interrupt of a node that is being closed, when all are closed", () => {
  const log: string[] = [];
  const raise = (node: string): void => {
    log.push(node);
    if (node === "a") throw new TaskInterrupt("while closed");
  };
  const group = new DependencyTaskGroup(new Dependencies(lone("a", "b")), {
    *task(node: string) {
      try {
        yield;
      } finally {
        raise(node);
      }
    },
  });
  const run = group.run();
  run.next();
  expect(() => group.cancelAll()).toThrow("while closed");
  expect(log).toEqual(["a", "b"]);
  expect(run.next().done).toBe(true);
});

describe("aggregating", () => {
  const aggregateExceptions = true;

  it("cancels only what requires the failed node, and throws all errors as one", () => {
    const scripts = { a: { failsAfter: 1 }, x: 2, y: { failsAfter: 1 } };
    const staged = stage([...chain, ["y", "x"]], scripts, { aggregateExceptions });
    const steps = play(staged);
    expect(steps).toEqual(["a1 x1", "x2", "x. y1", "", expect.any(ExceptionGroup)]);
    expect(steps.at(-1)).toMatchObject({
      message: "['a failed', 'y failed']",
      errors: [new RangeError("a failed"), new RangeError("y failed")],
    });
    expect(staged.group.nodes.get("c")).toEqual({
      started: false,
      done: true,
      outcome: { state: "cancelled" },
    });
  });

  it("throws a group of one for a single error", () => {
    expect(play(stage(lone("a"), { a: { failsAfter: 0 } }, { aggregateExceptions }))).toEqual([
      "",
      new ExceptionGroup([new RangeError("a failed")]),
    ]);
  });

  it("does not pause for cancelled nodes, as compat heat does", () => {
    const scripts = { a: { failsAfter: 1 }, x: 1, y: 0 };
    const edges: readonly Edge<string>[] = [...chain, ["y", "x"]];
    const counts = [native, heat].map((compat) => {
      return play(stage(edges, scripts, { aggregateExceptions, ...compat })).length;
    });
    // Heat: x loses its turn, and then there is the pause for b and c.
    expect(counts).toEqual([3, 5]);
  });

  it("stops the whole group by a thrown error, which is the cause", () => {
    const scripts = { a: 9, b: { failsAfter: 1 }, c: 9 };
    const staged = stage(lone("a", "b", "c"), scripts, { aggregateExceptions, errorWaitTime: 5 });
    staged.run.next();
    staged.run.next();
    staged.run.throw(new TypeError("stop"));
    staged.clock.advance(5_001);
    const stopping = (): unknown => staged.run.next();
    expect(stopping).toThrow(
      expect.objectContaining({
        errors: [new RangeError("b failed")],
        cause: new TypeError("stop"),
      }),
    );
    expect(staged.noted()).toBe("a1 b1 c1 a2 c2 a! c!");
  });

  it("with compat heat puts a thrown error down to the node that had its turn last", () => {
    const staged = stage(
      lone("a", "b", "c"),
      { a: 2, b: 3, c: 9 },
      { aggregateExceptions, ...heat },
    );
    staged.run.next();
    staged.run.throw(new TypeError("stop"));
    expect(staged.noted()).toBe("a1 b1 c1 c!");
    expect(play(staged)).toEqual([
      "a2 b2",
      "a. b3",
      "b.",
      new ExceptionGroup([new TypeError("stop")]),
    ]);
  });

  it("with compat heat does not count a step of a node that failed before as a turn", () => {
    const staged = stage(
      [
        ["a", null],
        ["c", "b"],
      ],
      { a: 9, b: 0, c: { failsAfter: 0 } },
      { aggregateExceptions, ...heat },
    );
    staged.run.next();
    staged.run.next();
    expect(() => staged.run.throw(new TypeError("stop"))).toThrow("['c failed', 'stop']");
    expect(staged.noted()).toBe("a1 b. a2 a!");
  });
});

describe("from outside", () => {
  it("a thrown error ends the group and is thrown instead of failures, the last of many", () => {
    const staged = stage(lone("a", "b"), { a: { failsAfter: 1 }, b: 9 }, { errorWaitTime: 5 });
    staged.run.next();
    staged.run.throw(new TypeError("one"));
    staged.run.next();
    staged.run.throw(new TypeError("two"));
    staged.clock.advance(5_001);
    expect(() => staged.run.next()).toThrow("two");
    expect(staged.noted()).toBe("a1 b1 b2 b!");
  });

  it("closing the run closes the nodes in their order", () => {
    const staged = stage(lone("a", "b"), { a: 9, b: 9 });
    staged.run.next();
    staged.run.return(new Map());
    expect(staged.noted()).toBe("a1 b1 a! b!");
  });

  it("cancelAll ends the run without an error, at once or after a grace period", () => {
    const staged = stage([...chain, ["x", null]], { a: 2, x: 9 });
    staged.run.next();
    staged.group.cancelAll(2);
    staged.run.next();
    staged.run.next();
    staged.group.cancelAll();
    expect(staged.run.next()).toEqual({ done: true, value: new Map([["a", "A"]]) });
    expect(staged.noted()).toBe("a1 x1 a2 x2 a. x3 x!");
  });

  it("cancelAll takes a shorter grace period over a longer one, never the other way", () => {
    const staged = stage(lone("a"), { a: 9 });
    staged.run.next();
    for (const seconds of [5, 2, 9]) staged.group.cancelAll(seconds);
    staged.clock.advance(2_001);
    expect(staged.run.next().done).toBe(true);
    expect(() => staged.group.cancelAll(Number.NaN)).toThrow("gracePeriod must be a number");
  });

  it("cancelAll closes everything when it cannot ask for a grace period", () => {
    const staged = stage(lone("a", "b"), { a: 9, b: 9 });
    staged.run.next();
    const failing = (node: string): number => {
      if (node === "b") throw new TypeError("no answer");
      return 5;
    };
    expect(() => staged.group.cancelAll(failing)).toThrow("no answer");
    expect(staged.noted()).toBe("a1 b1 a! b!");
    expect(staged.run.next().done).toBe(true);
  });

  it("cancelAll can be called by a node, which is closed when it suspends next", () => {
    const log: string[] = [];
    const group: DependencyTaskGroup<string> = new DependencyTaskGroup(
      new Dependencies([...lone("a", "b"), ["c", "a"]]),
      {
        *task(node: string) {
          try {
            yield;
            if (node === "a") group.cancelAll();
            log.push(`${node} goes on`);
            yield;
          } finally {
            log.push(`${node} ends`);
          }
        },
      },
    );
    const run = group.run();
    run.next();
    expect(run.next().done).toBe(true);
    expect(log).toEqual(["b ends", "a goes on", "a ends"]);
  });
});

it("refuses options that it does not know", () => {
  const misspelt = { task: (node: string) => node, errorWaitSeconds: 3 };
  expect(() => new DependencyTaskGroup(new Dependencies(chain), misspelt)).toThrow(
    "options.errorWaitSeconds is not a known field",
  );
});
