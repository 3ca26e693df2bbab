/**
 * What the fleet's workers do. Handlers that have an effect write it to the table `audit.effect`
 * under their fencing token, as a user's handler should; it refuses a token that is not newer.
 */

import pg from "pg";

import { delay } from "../../src/kernel/clock.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import type { RunContext, TaskDefinition } from "../../src/model/handler.ts";
import { tell } from "./parent-lines.ts";

let effects: pg.Pool | undefined;

function poolOf(databaseUrl: string): pg.Pool {
  if (effects === undefined) {
    effects = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    // A connection that the server cuts is replaced at the next query.
    effects.on("error", () => undefined);
  }
  return effects;
}

/** Ends the connections of handlers. */
export async function endEffects(): Promise<void> {
  await effects?.end();
}

const writeEffect = `insert into audit.effect as held (run_id, attempt, fence)
values ($1, $2, $3)
on conflict (run_id) do update
set attempt = excluded.attempt, fence = excluded.fence
where held.fence < excluded.fence
returning run_id`;

const noteStart = "insert into audit.node_start (task_id, fence) values ($1, $2)";

const noteRefusal = `insert into audit.refused_effect (run_id, fence, held_fence)
select run_id, $2, fence from audit.effect where run_id = $1`;

async function haveEffect({ databaseUrl, runId, attempt, fence }: RunContext): Promise<void> {
  const pool = poolOf(databaseUrl);
  const written = await pool.query(writeEffect, [runId, attempt, fence]);
  if (written.rowCount === 0) await pool.query(noteRefusal, [runId, fence]);
}

const noop = defineTask({ name: "chaos.noop", run: () => undefined });

const quick = defineTask({
  name: "chaos.quick",
  run: async (context) => {
    context.progress(0.5, "half");
    await delay(systemClock, 1 + (context.runId % 5));
    await haveEffect(context);
  },
});

const flaky = defineTask({
  name: "chaos.flaky",
  retry: { limit: 5, delayMs: 100, factor: 1 },
  run: async (context) => {
    await haveEffect(context);
    if (context.attempt === 1) throw new Error("the first attempt fails");
  },
});

/** For runs that belong to tasks. */
const step = defineTask({ name: "chaos.step", run: async (context) => await haveEffect(context) });

/** Where its input says so, the first attempt stops its whole process until somebody wakes it. */
const sleeper = defineTask({
  name: "chaos.sleeper",
  run: async (context) => {
    if (isRecord(context.params) && context.params["stop"] === true && context.attempt === 1) {
      tell({ kind: "stopping", runId: context.runId, fence: context.fence });
      process.kill(process.pid, "SIGSTOP");
    }
    await haveEffect(context);
  },
});

/** What runs of `chaos.crowded` must never exceed. */
export const crowdedLimits = { runningMax: 12, runningPerKeyMax: 2, unfinishedMax: 300 } as const;

const crowded = defineTask({
  name: "chaos.crowded",
  limits: crowdedLimits,
  run: async (context) => {
    await delay(systemClock, 1 + (context.runId % 9));
    await haveEffect(context);
  },
});

/** Works until it is told to stop; `deaf` ones then go on for ever. */
const patient = defineTask({
  name: "chaos.patient",
  graceMs: 300,
  run: async (context) => {
    tell({ kind: "patient", runId: context.runId, attempt: context.attempt });
    const isDeaf = isRecord(context.params) && context.params["deaf"] === true;
    if (context.attempt === 1) {
      const forEver = 100_000;
      await delay(systemClock, forEver, isDeaf ? undefined : context.signal);
    }
    await haveEffect(context);
  },
});

/** Says that it begins, takes a moment, and has its effect. */
async function beNode(context: RunContext): Promise<void> {
  const { databaseUrl, taskId, fence, runId } = context;
  await poolOf(databaseUrl).query(noteStart, [taskId, fence]);
  await delay(systemClock, 1 + (runId % 7));
  await haveEffect(context);
}

const node = defineTask({
  name: "chaos.node",
  run: async (context) => {
    await beNode(context);
    const results = await context.results();
    return { from: Object.keys(results).toSorted() };
  },
});

/** Adds parts, and lets the node that its input names wait for them. */
const split = defineTask({
  name: "chaos.split",
  run: async (context) => {
    await beNode(context);
    const { join, parts } = isRecord(context.params) ? context.params : {};
    const names = Array.from(
      { length: Number(parts) },
      (_, part) => `${String(join)} part ${part}`,
    );
    await context.addNodes(
      names.map((name) => ({ name, type: "chaos.node", undo: "chaos.node" })),
      { before: [String(join)] },
    );
  },
});

/** What a visit finds at a URL, by its last digit; the same each time. */
export function visitAnswer(url: string): "snapshot" | "nothing" | "failure" {
  if (url.endsWith("7")) return "nothing";
  return url.endsWith("3") ? "failure" : "snapshot";
}

const visit = defineTask({
  name: "chaos.visit",
  retry: { limit: 0 },
  run: async (context) => {
    await delay(systemClock, 1 + (context.runId % 20));
    await haveEffect(context);
    const url = isRecord(context.params) ? String(context.params["url"]) : "";
    const answer = visitAnswer(url);
    if (answer === "failure") throw new Error("the network failed");
    return answer === "nothing" ? { notFound: true } : { snapshot: "ab12" };
  },
});

/** All definitions. */
export const fleetWork: readonly TaskDefinition[] = [
  noop,
  quick,
  flaky,
  step,
  sleeper,
  crowded,
  patient,
  node,
  split,
  visit,
];
