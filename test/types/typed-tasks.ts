/**
 * Types of tasks, good cases and bad ones. Nothing here runs: `tsc` fails when a good case does not
 * compile or a bad one does, since then its `@ts-expect-error` is unused.
 */

import { z } from "zod";
import {
  defineTask,
  eventful,
  failed,
  uneventful,
  workOf,
  type JsonValue,
  type RunContext,
  type Scheduler,
  type StandardSchema,
  type TaskDefinition,
} from "../../src/public/index.ts";
import type { Trigger } from "../../src/public/time.ts";

/** Whether two types are the same, each assignable to the other under any variance. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
type Holds<Claim extends true> = Claim;

declare const scheduler: Scheduler;

const fetchPage = defineTask({
  name: "fetchPage",
  input: z.object({ url: z.url(), depth: z.coerce.date(), tries: z.int().default(3) }),
  run: ({ params, signal, log, progress, fence }) => {
    const { url, depth, tries } = params;
    log.info(`fetch ${url}`, { tries });
    progress(0.5, "half-way");
    return { url, at: depth.getTime() + tries + Number(fence), stopped: signal.aborted };
  },
});

/** What callers hand in is the schema's input; what the handler returns is the run's result. */
export type FetchPageTypes = [
  Holds<Same<(typeof fetchPage)["schema"], StandardSchema<Handed, Params> | undefined>>,
  Holds<
    Same<
      typeof fetchPage,
      TaskDefinition<Handed, { url: string; at: number; stopped: boolean }, Params>
    >
  >,
];
type Handed = { url: string; depth: unknown; tries?: number | undefined };
type Params = { url: string; depth: Date; tries: number };

/** Input that is right. */
export async function goodCalls(): Promise<void> {
  const page = await scheduler.run(fetchPage, { url: "https://example.org", depth: "2026-01-01" });
  const at: number = page.at;
  await scheduler.run(fetchPage, { url: "x", depth: 0, tries: at }, { priority: "high" });
  await scheduler.create(fetchPage, { url: "x", depth: 0 }, { key: "home" });
}

/** Input, options and results that are wrong. */
export async function badCalls(): Promise<void> {
  // @ts-expect-error -- a field is missing
  await scheduler.run(fetchPage, { url: "x" });
  // @ts-expect-error -- a field has the wrong type
  await scheduler.create(fetchPage, { url: 5, depth: 0 });
  // @ts-expect-error -- a field is not known
  await scheduler.create(fetchPage, { url: "x", depth: 0, retries: 1 });
  // @ts-expect-error -- no such priority
  await scheduler.create(fetchPage, { url: "x", depth: 0 }, { priority: "urgent" });
  // @ts-expect-error -- runs have no key
  await scheduler.run(fetchPage, { url: "x", depth: 0 }, { key: "home" });
  // @ts-expect-error -- the result has no such member
  (await scheduler.run(fetchPage, { url: "x", depth: 0 })).status;
}

/** Nodes of a graph, their input checked. */
export async function nodes(): Promise<void> {
  const work = workOf(fetchPage, { url: "x", depth: 0 }, { priority: "high", undo: level });
  await scheduler.submitGraph({ nodes: [{ name: "a", requires: [], ...work }] });
  // @ts-expect-error -- a field is missing
  workOf(fetchPage, { url: "x" });
  // @ts-expect-error -- the name is the node's
  workOf(fetchPage, { url: "x", depth: 0 }, { name: "a" });
}

const level = defineTask({
  name: "level",
  input: z.enum(["low", "high"]),
  run: async ({ params }) => (params === "low" ? uneventful() : eventful({ level: params })),
});

/** The words of a schema are not widened by what a caller hands in. */
export async function literals(): Promise<void> {
  await scheduler.run(level, "low");
  // @ts-expect-error -- not one of the words
  await scheduler.run(level, "medium");
}

const quiet = defineTask({ name: "quiet", run: async () => {} });
const list = defineTask({
  name: "list",
  input: z.object({ directory: z.string() }),
  command: ({ directory }) => ({ file: "ls", args: ["-l", directory] }),
});
const any = defineTask({ name: "any", run: ({ params }) => params });

/** Handlers without result, programs, and tasks that take anything. */
export type OtherTypes = [
  Holds<Same<typeof quiet, TaskDefinition<unknown, null>>>,
  Holds<Same<typeof level, TaskDefinition<Word, JsonValue, Word>>>,
  Holds<Same<typeof list, TaskDefinition<{ directory: string }, JsonValue, { directory: string }>>>,
  Holds<Same<typeof any, TaskDefinition>>,
];
type Word = "low" | "high";

/** A declared type is checked against the handler, whose outcomes are no part of the output. */
export const declared: TaskDefinition<unknown, { readonly n: number }> = defineTask({
  name: "declared",
  run: async ({ attempt }) => (attempt > 1 ? failed("no luck") : { n: attempt }),
});
// @ts-expect-error -- the handler returns something else
export const misdeclared: TaskDefinition<unknown, { readonly n: number }> = defineTask({
  name: "declared",
  run: async ({ attempt }) => ({ n: String(attempt) }),
});

/** Definitions of any types stand in one list. */
export const all: readonly TaskDefinition[] = [fetchPage, level, quiet, list, any];

/** A handler may be written apart from its definition. */
export function handler({ params }: RunContext<{ n: number }>): number {
  return params.n + 1;
}
const apart = defineTask({ name: "apart", input: z.object({ n: z.number() }), run: handler });
const doubled: Promise<number> = scheduler.run(apart, { n: 1 });
void doubled;

defineTask({
  name: "wrong",
  input: z.object({ n: z.number() }),
  run: ({ params }) => {
    // @ts-expect-error -- params have no such member
    const { m } = params;
    return typeof m;
  },
});
defineTask({
  name: "wrong",
  // @ts-expect-error -- the handler wants other params than the schema makes
  input: z.object({ n: z.number() }),
  run: ({ params }: RunContext<{ n: string }>) => params.n,
});
// @ts-expect-error -- either a function or a program
defineTask({ name: "wrong", run: () => 1, command: { file: "ls", args: [] } });
// @ts-expect-error -- one of the two
defineTask({ name: "wrong" });
// @ts-expect-error -- not a schema
defineTask({ name: "wrong", input: { type: "object" }, run: () => 1 });
// @ts-expect-error -- no such setting
defineTask({ name: "wrong", timeout: 5, run: () => 1 });
// @ts-expect-error -- no such part of a policy
defineTask({ name: "wrong", retry: { attempts: 5 }, run: () => 1 });
// @ts-expect-error -- a command is no text: it is started without a shell
defineTask({ name: "wrong", command: "ls -l" });

/** Requests are checked as well. */
export async function requests(input: JsonValue): Promise<void> {
  await scheduler.createTasks([{ type: "fetchPage", input, triggers: [{ kind: "adaptive" }] }]);
  // @ts-expect-error -- a task needs its type
  await scheduler.createTasks([{ input }]);
  // @ts-expect-error -- a trigger needs its kind
  await scheduler.createTask({ type: "fetchPage", triggers: [{ everyMs: 5 }] });
  // @ts-expect-error -- dates travel as text
  await scheduler.createTask({ type: "fetchPage", dueAt: new Date() });
}

/** A trigger is one flat object: its rule, as text or made by `orrery/time`, and how it fires. */
export async function triggers(trigger: Trigger): Promise<void> {
  const firing = { misfireGraceMs: null, coalesce: "all", maxInstances: 2 } as const;
  const rule = { kind: "interval", everyMs: 5 };
  await scheduler.addTrigger(1, { ...rule, ...firing, overlap: "queue-one" });
  await scheduler.addTrigger(1, { ...trigger.spec, nextFireAt: null });
  await scheduler.addTrigger(1, { kind: "adaptive" });
  const { spec } = await scheduler.updateTrigger(1, { spec: trigger.spec, ...firing });
  await scheduler.updateTrigger(2, { spec });
  await scheduler.addTrigger(2, { ...spec, ...firing });
  await scheduler.addTrigger(2, spec);
  await scheduler.createTask({
    type: "fetchPage",
    triggers: [trigger.spec, { ...rule, ...firing }],
  });
  // @ts-expect-error -- no such word
  await scheduler.addTrigger(1, { ...rule, coalesce: "newest" });
  // @ts-expect-error -- a number
  await scheduler.createTask({ type: "fetchPage", triggers: [{ ...rule, maxInstances: "2" }] });
  // @ts-expect-error -- times travel as text
  await scheduler.updateTrigger(1, { nextFireAt: new Date() });
  // @ts-expect-error -- the rule stands under spec, where a trigger is changed
  await scheduler.updateTrigger(1, { everyMs: 5 });
  await scheduler.createTask({ type: "fetchPage", overrides: { retry: { limit: 0 } } });
  // @ts-expect-error -- no such part of a policy
  await scheduler.createTask({ type: "fetchPage", overrides: { retry: { attempts: 0 } } });
}
