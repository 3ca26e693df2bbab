/**
 * Replays a scenario of `heat/`: builds what it describes on our engine, runs its operations under
 * a clock that stands still, and writes down what happens as the events of the data's README.
 */

import type { Clock } from "../../src/kernel/clock.ts";
import { assertNever, present } from "../../src/kernel/assert.ts";
import { instantFromMillis } from "../../src/kernel/instant.ts";
import type { Compat } from "../../src/graph/compat.ts";
import { Dependencies } from "../../src/graph/dependencies.ts";
import { DependencyTaskGroup } from "../../src/graph/dependency-task-group.ts";
import type { GracePeriod } from "../../src/graph/group-members.ts";
import { PollingTaskGroup } from "../../src/graph/polling-task-group.ts";
import { closeTask, type Resumable, type SteppedTask } from "../../src/graph/stepped-task.ts";
import { type DriveOptions, TaskRunner } from "../../src/graph/task-runner.ts";
import { wrappertask } from "../../src/graph/wrappertask.ts";
import type {
  Delegation,
  Drain,
  DriveSpec,
  GraceSpec,
  GroupSpec,
  Operation,
  Scenario,
  Statement,
  TaskScript,
  Trace,
} from "./heat-data.ts";
import { described, namedError, shown } from "./heat-errors.ts";
import { type CompiledTask, compileTask } from "./heat-script.ts";

/** How a scenario is built where there is a choice. */
export interface ReplayOptions {
  readonly compat?: Compat;
  /** What a task delegates by. */
  readonly delegateBy?: "yield*" | "wrappertask";
}

/** Replays a scenario. */
export async function replay(scenario: Scenario, options: ReplayOptions = {}): Promise<Trace> {
  const stage = new Stage(scenario, options);
  try {
    stage.build();
  } catch (error) {
    stage.emit("construct", { error: described(error) });
    return stage.trace();
  }
  for (const operation of scenario.ops) await stage.operate(operation);
  return stage.trace();
}

const oneSuspension: TaskScript = { gen: [["yield"]] };

class Stage {
  readonly #events: unknown[] = [];
  readonly #scenario: Scenario;
  readonly #name: string;
  readonly #compat: { readonly compat?: Compat };
  readonly #isWrapping: boolean;
  readonly #clock: Clock;
  #seconds = 0;
  #generator: Resumable<unknown> | undefined;
  #runner: TaskRunner | undefined;
  #group: DependencyTaskGroup<string> | undefined;

  constructor(scenario: Scenario, { compat, delegateBy }: ReplayOptions) {
    this.#scenario = scenario;
    this.#name = scenario.name ?? "task";
    this.#compat = compat === undefined ? {} : { compat };
    this.#isWrapping = delegateBy === "wrappertask";
    this.#clock = {
      now: () => instantFromMillis(this.#seconds * 1_000),
      monotonicMs: () => this.#seconds * 1_000,
      schedule: (ms, callback) => {
        if (scenario.enableSleep !== false) {
          this.emit("sleep", ms / 1_000);
          this.advance(ms / 1_000);
        }
        queueMicrotask(callback);
        return { [Symbol.dispose]: () => undefined };
      },
    };
  }

  build(): void {
    const scenario = this.#scenario;
    switch (scenario.kind) {
      case "group":
        this.#group = this.#groupOf(scenario, "");
        this.#drive(this.#group);
        return;
      case "polling":
        this.#drive(this.#pollingGroup());
        return;
      case "delegate":
        this.#generator = this.#taskOf(present(scenario.task, "the task"), this.#name)();
        return;
      case "runner":
        this.#runner = this.#runnerOf(
          scenario.notCallable === true
            ? JSON.parse('"not callable"')
            : this.#taskOf(present(scenario.task, "the task"), this.#name),
        );
        return;
      default:
        assertNever(scenario.kind);
    }
  }

  async operate(operation: Operation | Drain): Promise<void> {
    if (operation[0] !== "drain") {
      await this.#note(operation);
      return;
    }
    for (let count = 0; count < operation[1]; count += 1) {
      const result = await this.#note(["next"]);
      if (!("yielded" in result)) return;
    }
  }

  trace(): Trace {
    const { started, done } = this.#runner ?? {};
    const nodes = [...(this.#group?.nodes ?? [])].map(([node, status]) => {
      return [node, [status.started, status.done]] as const;
    });
    return {
      events: this.#events,
      final: {
        clock: this.#seconds,
        ...(this.#group === undefined ? {} : { nodes: Object.fromEntries(nodes) }),
        ...(this.#runner === undefined ? {} : { runner: [started, done] }),
      },
    };
  }

  emit(...event: readonly unknown[]): void {
    this.#events.push(event.map(shown));
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
  }

  errorOf(type: string, message: string): Error {
    return namedError(type, message);
  }

  delegation(statement: Delegation): Resumable<unknown> {
    const [kind, name, detail] = statement;
    switch (kind) {
      case "delegate":
        return this.#taskOf({ gen: detail }, name)();
      case "runner": {
        const runner = this.#runnerOf(this.#taskOf(detail, name));
        return runner.asTask(this.#driveOptions(statement[3], name));
      }
      case "group":
        return this.#groupOf(detail, `${name}/`).run();
      default:
        return assertNever(kind);
    }
  }

  async #note(operation: Operation): Promise<Readonly<Record<string, unknown>>> {
    this.emit("op", ...operation);
    let result: Readonly<Record<string, unknown>>;
    try {
      result = await this.#result(operation);
    } catch (error) {
      result = { error: described(error) };
    }
    this.emit("end", result);
    return result;
  }

  async #result(operation: Operation): Promise<Readonly<Record<string, unknown>>> {
    const nothing = { value: null };
    switch (operation[0]) {
      case "next":
        return this.#stepped(this.#driven().next());
      case "throw":
        return this.#stepped(this.#driven().throw(namedError(operation[1], operation[2])));
      case "close":
        closeTask(this.#driven());
        return nothing;
      case "start":
        this.#started().start(operation[1]?.timeout);
        return nothing;
      case "step":
        return { value: this.#started().step() };
      case "cancel":
        this.#started().cancel(operation[1]);
        return nothing;
      case "run":
      case "finish":
        await this.#runToEnd(operation[0], operation[1]);
        return nothing;
      case "asTask":
        this.#generator = this.#started().asTask(this.#driveOptions(operation[1], this.#name));
        return nothing;
      case "state": {
        const { started, done } = this.#started();
        return { value: { started, done, pending: !done } };
      }
      case "describe":
        return { value: String(this.#started()) };
      case "cancelAll":
        this.#grouped().cancelAll(this.#graceOf(operation[1] ?? null));
        return nothing;
      case "setErrorWait":
        this.#grouped().errorWaitTime = this.#graceOf(operation[1]);
        return nothing;
      case "advance":
        this.advance(operation[1]);
        return nothing;
      default:
        return assertNever(operation);
    }
  }

  async #runToEnd(how: "run" | "finish", spec: DriveSpec = {}): Promise<void> {
    const wait = spec.wait === undefined ? {} : { waitTime: spec.wait };
    const drive = this.#driveOptions(spec, this.#name);
    if (how === "run") await this.#started().run({ ...drive, ...wait });
    else await this.#started().runToCompletion({ ...drive, ...wait });
  }

  #stepped(step: IteratorResult<unknown, unknown>): Readonly<Record<string, unknown>> {
    if (step.done !== true) return { yielded: step.value ?? null };
    // The engine's own generators hand out results, those of the reference nothing.
    const isScript = this.#scenario.kind === "delegate";
    return { returned: isScript ? (step.value ?? null) : null };
  }

  #drive(task: DependencyTaskGroup<string> | PollingTaskGroup): void {
    if (this.#scenario.target === "runner") this.#runner = this.#runnerOf(task);
    else this.#generator = task.run();
  }

  #driven(): Resumable<unknown> {
    return present(this.#generator, "the generator");
  }

  #started(): TaskRunner {
    return present(this.#runner, "the runner");
  }

  #grouped(): DependencyTaskGroup<string> {
    return present(this.#group, "the group");
  }

  #taskOf(script: TaskScript, name: string): CompiledTask {
    if (!this.#isWrapping) return compileTask(script, { name }, this);
    const task = compileTask(script, { name, delegateBy: "yield" }, this);
    return wrappertask(task, this.#compat);
  }

  #runnerOf(task: SteppedTask): TaskRunner {
    return new TaskRunner(task, { clock: this.#clock, ...this.#compat });
  }

  #groupOf(spec: GroupSpec, prefix: string): DependencyTaskGroup<string> {
    const { reverse, aggregate, errorWait = null, name } = spec.group ?? {};
    const tasks = new Map<string, CompiledTask>();
    const scriptOf = (node: string): TaskScript =>
      spec.tasks?.[node] ?? spec.defaultTask ?? oneSuspension;
    // The name shows in texts.
    const node_task = (node: string): unknown => {
      const known = tasks.get(node) ?? this.#taskOf(scriptOf(node), prefix + node);
      tasks.set(node, known);
      return known();
    };
    const dependencies = new Dependencies(spec.edges, this.#compat);
    return new DependencyTaskGroup(dependencies, {
      task: node_task,
      reverse: reverse ?? false,
      aggregateExceptions: aggregate ?? false,
      errorWaitTime: this.#graceOf(errorWait),
      clock: this.#clock,
      ...(name === undefined ? {} : { name }),
      ...this.#compat,
    });
  }

  #pollingGroup(): PollingTaskGroup {
    const { order = [], tasks = {}, defaultTask = oneSuspension } = this.#scenario;
    return new PollingTaskGroup(
      order.map((name) => this.#taskOf(tasks[name] ?? defaultTask, name)),
    );
  }

  #graceOf(spec: GraceSpec): GracePeriod<string> {
    if (typeof spec === "number" || spec === null) return spec;
    return (node) => {
      const seconds = Object.hasOwn(spec.byNode, node) ? spec.byNode[node] : spec.default;
      this.emit("grace", node, seconds);
      return seconds ?? null;
    };
  }

  #driveOptions({ timeout, progress, post }: DriveSpec = {}, name: string): DriveOptions {
    let callCount = 0;
    const callProgress = (): void => {
      callCount += 1;
      this.emit("progress", name, callCount);
      this.#call(progress?.[callCount], `${name}#progress`);
    };
    const callPost = (): void => {
      this.emit("post", name);
      this.#call(post, `${name}#post`);
    };
    return {
      ...(timeout === undefined ? {} : { timeout }),
      ...(progress === undefined ? {} : { progress: callProgress }),
      ...(post === undefined ? {} : { post: callPost }),
    };
  }

  #call(statements: readonly Statement[] | undefined, name: string): void {
    if (statements !== undefined) {
      compileTask({ fn: statements }, { name, isCallback: true }, this)();
    }
  }
}
