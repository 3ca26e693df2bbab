import { expect, it } from "vitest";
import { PollingTaskGroup } from "./polling-task-group.ts";
import { TaskRunner } from "./task-runner.ts";

/** Notes each of so many steps. */
function* poll(name: string, stepCount: number, log: string[]): Generator<undefined, string> {
  try {
    for (let step = 1; step <= stepCount; step += 1) {
      log.push(`${name}${step}`);
      yield;
    }
    return name;
  } finally {
    log.push(`${name} ends`);
  }
}

it("starts all tasks, then steps the front one until it is over", () => {
  const log: string[] = [];
  const group = new PollingTaskGroup([() => poll("a", 2, log), () => poll("b", 1, log)]);
  const run = group.run();
  run.next();
  expect(log.splice(0)).toEqual(["a1", "b1"]);
  run.next();
  expect(log.splice(0)).toEqual(["a2"]);
  expect(run.next()).toEqual({ done: true, value: ["a", "b"] });
  expect(log).toEqual(["a ends", "b ends"]);
});

it("is built from a task and lists of arguments, and calls the tasks anew in each run", () => {
  const log: string[] = [];
  const group = PollingTaskGroup.fromTaskWithArgs(poll, [
    ["a", 1, log],
    ["b", 0, log],
  ]);
  expect(String(group)).toBe("PollingTaskGroup(poll)");
  expect([...group.run()]).toEqual([undefined]);
  expect([...group.run()]).toEqual([undefined]);
  expect(log).toEqual(["a1", "b ends", "a ends", "a1", "b ends", "a ends"]);
});

it("cancels the rest when a task fails, when an error is thrown in, and when it is closed", () => {
  const endings = (end: (run: Generator<unknown, unknown, undefined>) => unknown): string[] => {
    const log: string[] = [];
    const run = new PollingTaskGroup<unknown>([
      function* () {
        yield;
        JSON.parse("{");
      },
      () => poll("b", 9, log),
    ]).run();
    run.next();
    expect(log.splice(0)).toEqual(["b1"]);
    end(run);
    return log;
  };
  expect(endings((run) => expect(() => run.next()).toThrow(SyntaxError))).toEqual(["b ends"]);
  const thrown = new RangeError("thrown");
  expect(endings((run) => expect(() => run.throw(thrown)).toThrow(thrown))).toEqual(["b ends"]);
  expect(endings((run) => run.return(undefined))).toEqual(["b ends"]);
});

it("is a task for a runner", async () => {
  const runner = new TaskRunner(new PollingTaskGroup([() => 1, () => 2], { name: "both" }));
  expect(runner.name).toBe("PollingTaskGroup(both)");
  expect(await runner.run({ waitTime: null })).toEqual({ state: "succeeded", value: [1, 2] });
});

it("refuses what is no task", () => {
  expect(() => new PollingTaskGroup([() => 1, "two" as unknown as () => number])).toThrow(
    'tasks[1] must be a function or an object with a method `run`, not "two"',
  );
});
