/**
 * Turns a task script of `heat/` into the task that it describes: one real generator function each,
 * because an interpreter of nested generators would give closing and throwing another meaning at
 * every level. A generator cannot catch that it is closed, so every suspension marks it in a
 * `finally`, and the handlers of a script ask for the mark.
 */

import { assertNever } from "../../src/kernel/assert.ts";
import { Timeout } from "../../src/graph/timeout.ts";
import { TaskInterrupt } from "../../src/graph/task-interrupt.ts";
import type { Resumable } from "../../src/graph/stepped-task.ts";
import type { Delegation, Statement, TaskScript, TryBlock } from "./heat-data.ts";

/** What a running script does to the world; `delegation` begins a sub-task, whatever its kind. */
export interface ScriptWorld {
  emit(...event: readonly unknown[]): void;
  advance(seconds: number): void;
  errorOf(type: string, message: string): Error;
  delegation(statement: Delegation): Resumable<unknown>;
}

/** How a script is told about: its name, and whether it tells of its start and end. */
export interface ScriptOptions {
  readonly name: string;
  /** `yield*` hands the sub-task over to the language, `yield` to `wrappertask`. */
  readonly delegateBy?: "yield*" | "yield";
  /** A callback tells of itself elsewhere. */
  readonly isCallback?: boolean;
}

/** A task that was compiled: a generator function when its script says so. */
export type CompiledTask = () => Resumable<unknown>;

/** The task of a script. */
export function compileTask(
  script: TaskScript,
  options: ScriptOptions,
  world: ScriptWorld,
): CompiledTask {
  const compiler = new Compiler(options);
  const isGenerator = "gen" in script;
  const statements = compiler.block(isGenerator ? script.gen : script.fn);
  const [enter, exit] =
    options.isCallback === true
      ? ["", ""]
      : [
          'world.emit("enter", name);',
          'world.emit("exit", name, ...(closing ? ["closed"] : ending));',
        ];
  const text = `return function${isGenerator ? "*" : ""} () {
    let closing = false, ending = ["closed"];
    try {
      ${enter}
      ${statements}
      ending = ["returned", null];
    } catch (error) {
      ending = ["raised", error];
      throw error;
    } finally {
      ${exit}
    }
  }`;
  // A script can only be one real function when its text is made for it; it comes from our data.
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function("world", "name", "data", "matches", text) as FunctionMaker;
  const task = make(world, options.name, compiler.data, matches);
  return Object.defineProperty(task, "name", { value: options.name });
}

type FunctionMaker = (
  world: ScriptWorld,
  name: string,
  data: readonly unknown[],
  taken: typeof matches,
) => CompiledTask;

/** Whether a handler takes an error. */
function matches(matcher: string, error: unknown): boolean {
  if (matcher === "Any") return true;
  if (matcher === "Ordinary") return !(error instanceof TaskInterrupt);
  if (matcher === "Timeout") return error instanceof Timeout;
  return error instanceof Error && error.name === matcher;
}

/** Statements as the text of a function; values stand in `data` and are named by their place. */
class Compiler {
  readonly data: unknown[] = [];
  readonly #delegateBy: "yield*" | "yield";
  #count = 0;

  constructor({ delegateBy }: ScriptOptions) {
    this.#delegateBy = delegateBy ?? "yield*";
  }

  block(statements: readonly Statement[]): string {
    return statements.map((statement) => this.#statement(statement)).join("\n");
  }

  #statement(statement: Statement): string {
    switch (statement[0]) {
      case "yield":
        return this.#suspension(this.#value(statement[1] ?? null));
      case "log":
        return `world.emit("log", name, ${this.#value(statement[1])});`;
      case "advance":
        return `world.advance(${this.#value(statement[1])});`;
      case "raise":
        return `throw world.errorOf(${this.#value(statement[1])}, ${this.#value(statement[2])});`;
      case "rethrow":
        return "throw caught;";
      case "return":
        return `{ ending = ["returned", ${this.#value(statement[1] ?? null)}]; return ending[1]; }`;
      case "repeat":
        return `for (let i = 0; i < ${statement[1]}; i += 1) { ${this.block(statement[2])} }`;
      case "forever":
        return `for (;;) { ${this.block(statement[1])} }`;
      case "try":
        return this.#try(statement[1]);
      case "delegate":
      case "runner":
      case "group":
        return this.#delegation(statement);
      default:
        return assertNever(statement);
    }
  }

  #suspension(value: string): string {
    return this.#marked({
      before: `world.emit("suspend", name, ${value});`,
      suspend: `yield ${value};`,
      after: 'world.emit("resume", name);',
      onThrow: 'world.emit("throw", name, error);',
      onClose: 'world.emit("close", name);',
    });
  }

  #delegation(statement: Delegation): string {
    const place = this.#value(statement);
    const [kind] = statement;
    // The engine's own generators return results of ours that the reference does not have.
    const result = kind === "delegate" ? "result ?? null" : "null";
    return this.#marked({
      before: "let result;",
      suspend: `result = ${this.#delegateBy} world.delegation(${place});`,
      after: `world.emit("child", name, ${place}[1], ${result});`,
      onThrow: "",
      onClose: "",
    });
  }

  /** Something that suspends, in a frame that notices when it is closed there. */
  #marked(parts: {
    readonly before: string;
    readonly suspend: string;
    readonly after: string;
    readonly onThrow: string;
    readonly onClose: string;
  }): string {
    return `{
      ${parts.before}
      let isOpen = true;
      try {
        ${parts.suspend}
        isOpen = false;
      } catch (error) {
        isOpen = false;
        ${parts.onThrow}
        throw error;
      } finally {
        if (isOpen) { closing = true; ${parts.onClose} }
      }
      ${parts.after}
    }`;
  }

  #try(block: TryBlock): string {
    const inBody = `inBody${this.#next()}`;
    const handlers = (block.catch ?? []).map(([matcher, handler]) => {
      return `if (matches(${this.#value(matcher)}, caught)) { ${this.block(handler)} } else`;
    });
    return `{
      let ${inBody} = true;
      try {
        try {
          ${this.block(block.body)}
        } catch (caught) {
          ${inBody} = false;
          ${handlers.join(" ")} throw caught;
        } finally {
          if (closing && ${inBody}) { ${this.#whileClosing(block.onClose)} }
        }
      } finally {
        ${this.#whileClosing(block.finally)}
      }
    }`;
  }

  /** A handler that may suspend, raise or return; when it just ends, the closing goes on. */
  #whileClosing(statements: readonly Statement[] = []): string {
    if (statements.length === 0) return "";
    const wasClosing = `wasClosing${this.#next()}`;
    return `
      const ${wasClosing} = closing;
      closing = false;
      ${this.block(statements)}
      closing = ${wasClosing};`;
  }

  #value(value: unknown): string {
    return `data[${this.data.push(value) - 1}]`;
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}
