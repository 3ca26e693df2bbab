/**
 * Types of stepped mode, good cases and bad ones. Nothing here runs: `tsc` fails when a good case
 * does not compile or a bad one does, since then its `@ts-expect-error` is unused.
 */

import {
  Dependencies,
  DependencyTaskGroup,
  PollingTaskGroup,
  type Resumable,
  type SteppedTask,
  type TaskOutcome,
  TaskRunner,
  wrappertask,
} from "../../src/public/graph.ts";

/** Whether two types are the same, each assignable to the other under any variance. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
type Holds<Claim extends true> = Claim;

function* boot(name: string, tries: number): Generator<number, { readonly address: string }> {
  yield tries;
  return { address: name };
}

interface Server {
  readonly name: string;
}

declare const servers: Dependencies<Server>;

const runner = new TaskRunner(boot, { args: ["db", 3] });
const plain = new TaskRunner(() => 7);
const group = new DependencyTaskGroup(servers, { task: ({ name }) => boot(name, 1) });
const nested = new TaskRunner(group);
const polling = new PollingTaskGroup([() => 1, () => 2]);
const calling = new DependencyTaskGroup(new Dependencies([[() => 1, () => 2]]));
const wrapped = wrappertask(function* (name: string) {
  const booted: unknown = yield boot(name, 1);
  return booted === undefined ? 0 : 1;
});
const lossy = wrappertask(
  function* () {
    yield;
    return 1;
  },
  { compat: "heat" },
);

/** Results are those of the tasks. */
export type ResultTypes = [
  Holds<Same<(typeof runner)["outcome"], TaskOutcome<{ readonly address: string }>>>,
  Holds<Same<(typeof plain)["outcome"], TaskOutcome<number>>>,
  Holds<
    Same<
      ReturnType<(typeof group)["run"]>,
      Resumable<ReadonlyMap<Server, { readonly address: string }>>
    >
  >,
  Holds<
    Same<(typeof nested)["outcome"], TaskOutcome<ReadonlyMap<Server, { readonly address: string }>>>
  >,
  Holds<Same<ReturnType<(typeof polling)["run"]>, Resumable<readonly number[]>>>,
  Holds<Same<ReturnType<(typeof calling)["run"]>, Resumable<ReadonlyMap<() => number, number>>>>,
  Holds<Same<ReturnType<typeof wrapped>, Resumable<0 | 1>>>,
  Holds<Same<Parameters<typeof wrapped>, [name: string]>>,
  Holds<Same<ReturnType<typeof lossy>, Resumable<number | undefined>>>,
];

/** Uses that are right. */
export async function goodUses(task: SteppedTask<readonly [string], number>): Promise<void> {
  runner.start();
  const outcome = await runner.runToCompletion({ waitTime: 0.5 });
  if (outcome.state === "succeeded") outcome.value.address.toUpperCase();
  const waiting = new DependencyTaskGroup(new Dependencies([["b", "a"]]), {
    task,
    errorWaitTime: (node) => (node.startsWith("a") ? 240 : null),
  });
  waiting.errorWaitTime = null;
  PollingTaskGroup.fromTaskWithArgs(boot, [["db", 1]]);
  await new TaskRunner(group).run({ waitTime: null, timeout: 60, progress: () => undefined });
}

/** Uses that are wrong. */
export const badUses = (): readonly unknown[] => [
  // @ts-expect-error the task takes arguments
  new TaskRunner(boot),
  // @ts-expect-error one is missing
  new TaskRunner(boot, { args: ["db"] }),
  // @ts-expect-error one is of another type
  new TaskRunner(boot, { args: ["db", "3"] }),
  // @ts-expect-error no such behaviour
  new TaskRunner(() => 1, { compat: "heat-6.1" }),
  // @ts-expect-error the nodes are no tasks
  new DependencyTaskGroup(servers),
  // @ts-expect-error a node is no text
  new DependencyTaskGroup(servers, { task: (name: string) => name }),
  // @ts-expect-error the value stands only in an outcome that has one
  plain.outcome.value,
  // @ts-expect-error an edge has two ends
  servers.add([{ name: "lone" }]),
  // @ts-expect-error a task is no text
  new PollingTaskGroup(["poll"]),
];
