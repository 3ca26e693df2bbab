import { describe, expect, it } from "vitest";
import { wrappertask } from "./wrappertask.ts";

/** A child that suspends twice and returns. */
function* child(log: string[] = []): Generator<string, number, undefined> {
  try {
    yield "one";
    yield "two";
  } finally {
    log.push("child ends");
  }
  return 42;
}

describe("wrappertask", () => {
  it("runs each generator that the task suspends with in its place, at no extra step", () => {
    const parent = wrappertask(function* parent() {
      yield "before";
      yield child();
      yield (function* () {})();
      yield "after";
    });
    expect([...parent()]).toEqual(["before", "one", "two", "after"]);
    expect(parent.name).toBe("parent");
  });

  it("hands the task a child's result, and its own to who drives it", () => {
    const parent = wrappertask(function* (times: number) {
      const result = yield child();
      return Number(result) * times;
    });
    expect(resultOf(parent(2))).toBe(84);
  });

  it("loses results with compat heat", () => {
    const seen: unknown[] = [];
    const parent = wrappertask(
      function* () {
        seen.push(yield child());
        return 1;
      },
      { compat: "heat" },
    );
    expect(resultOf(parent())).toBeUndefined();
    expect(seen).toEqual([undefined]);
    expect(() => wrappertask(function* () {}, { compat: "hot" as "heat" })).toThrow(
      'compat must be one of heat, not "hot"',
    );
  });

  it("keeps this, and enters the task at the first step", () => {
    const log: string[] = [];
    const server = {
      name: "db",
      boot: wrappertask(function* (this: { readonly name: string }) {
        log.push(this.name);
        yield;
      }),
    };
    const boot = server.boot();
    expect(log).toEqual([]);
    boot.next();
    expect(log).toEqual(["db"]);
  });

  it("throws into the child first, and its answer into the task", () => {
    const log: string[] = [];
    const parent = wrappertask(function* () {
      try {
        yield child(log);
      } catch (error) {
        log.push(`parent got ${String(error)}`);
        yield child(log);
      }
    })();
    parent.next();
    expect(parent.throw(new RangeError("x"))).toEqual({ done: false, value: "one" });
    expect(log).toEqual(["child ends", "parent got RangeError: x"]);
  });

  it("closes the child before the task", () => {
    const log: string[] = [];
    const parent = wrappertask(function* () {
      try {
        yield child(log);
      } finally {
        log.push("parent ends");
      }
    })();
    parent.next();
    expect(parent.return(undefined).done).toBe(true);
    expect(log).toEqual(["child ends", "parent ends"]);
  });

  it("tells the task when its child suspends while it is being closed, and lets it go on", () => {
    const parent = wrappertask(function* () {
      try {
        yield (function* () {
          try {
            yield;
          } finally {
            yield "not yet";
          }
        })();
      } catch (error) {
        yield error;
        yield child();
      }
    })();
    parent.next();
    // The answer to closing is that the wrapper suspends too, once for each step that is left.
    expect(parent.return(undefined)).toEqual({
      done: false,
      value: expect.objectContaining({ code: "ORR_EXEC_CLOSE_IGNORED" }),
    });
    expect([...parent]).toEqual(["one", "two"]);
  });
});

function resultOf<Result>(task: Generator<unknown, Result, undefined>): Result {
  for (;;) {
    const step = task.next();
    if (step.done === true) return step.value;
  }
}
