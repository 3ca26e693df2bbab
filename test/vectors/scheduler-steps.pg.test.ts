/**
 * The scheduling sessions of `apscheduler/scheduler-steps.json` against store, engine and service
 * with a given clock. A job of the reference is a task with one trigger here; what it calls
 * submitted are fire times that have a run or came too late for one.
 */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assert, present } from "../../src/kernel/assert.ts";
import { OrreryError } from "../../src/kernel/errors.ts";
import type { TriggerId } from "../../src/kernel/ids.ts";
import {
  formatInstant,
  instantFromMillis,
  millisOf,
  parseInstant,
} from "../../src/kernel/instant.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import type { Occurrence } from "../../src/model/firing.ts";
import { eventful, failed } from "../../src/model/outcome.ts";
import type { ClaimedRun } from "../../src/model/run.ts";
import type { TaskDetail, TaskTrigger } from "../../src/model/task.ts";
import { intervalMsOf } from "../../src/time/interval-trigger.ts";
import { instantOfApsText } from "../../src/time/time-text.ts";
import { triggerFromSpec } from "../../src/time/trigger.ts";
import { zoneTable } from "../../src/time/zone-table.ts";
import { openServiceRig, type ServiceRig } from "../service/rig.ts";

interface Job {
  readonly next_run_ms: number | null;
  readonly misfire_grace_time: number | null;
  readonly coalesce: boolean;
  readonly max_instances: number;
}

interface Event {
  readonly event: string;
  readonly run_time_ms?: number;
  readonly run_times_ms?: readonly number[];
}

interface Step {
  readonly now_ms: number;
  readonly op: string;
  readonly arg?: unknown;
  readonly error?: object;
  readonly events: readonly Event[];
  readonly wait_s?: number | null;
  readonly job: Job | null;
}

interface Case {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
  readonly trigger: Readonly<Record<string, string | number>>;
  readonly options: Readonly<Record<string, number | boolean | string | null>>;
  readonly executor: "immediate" | "held";
  readonly steps: readonly Step[];
}

/** The data are ours, so their shape is taken as it is declared. */
function isSuite(data: unknown): data is { readonly cases: readonly Case[] } {
  return isRecord(data) && Array.isArray(data["cases"]);
}

const file = new URL("./apscheduler/scheduler-steps.json", import.meta.url);
const suite: unknown = JSON.parse(readFileSync(file, "utf8"));
assert(isSuite(suite), "the suite holds cases");

/**
 * The end of one session is left out: the reference's process is shut down in it, and is then asked
 * for what only a running one does. Ours is a stored schedule, which is the same before a process
 * starts and after it stops: nothing is refused then, and nothing is ever pending.
 */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "scheduler-steps-0036": ["shutdown", "shutdown", "pause", "resume", "add"],
};

/** The steps of a session up to those that are left out. */
function followedSteps({ id, steps }: Case): readonly Step[] {
  return steps.slice(0, steps.length - (leftOut[id] ?? []).length);
}

/** One session: the reference's operations by our verbs. */
class Session {
  readonly #rig: ServiceRig;
  readonly #case: Case;
  readonly #seen = new Set<string>();
  #task: TaskDetail | undefined;
  #held: ClaimedRun[] = [];
  #fails = false;
  #isPaused = false;

  constructor(rig: ServiceRig, each: Case) {
    this.#rig = rig;
    this.#case = each;
  }

  async follow(step: Step): Promise<readonly Event[]> {
    const { service } = this.#rig;
    this.#rig.setNow(formatInstant(instantFromMillis(step.now_ms)));
    switch (step.op) {
      case "add":
        this.#task = await service.createTask(this.#request());
        return [{ event: "added" }];
      case "add_conflict":
        expect((await service.createTask(this.#request())).id).toBe(this.#task?.id);
        return [];
      case "add_replace":
        return await this.#change(this.#replacement(Number(step.arg)), "added");
      case "reschedule":
        assert(isRecord(step.arg), "an interval");
        return await this.#change({
          spec: { kind: "interval", everyMs: intervalMsOf(step.arg) },
        });
      case "set_next":
        return await this.#change({ nextFireAt: formatInstant(this.#after(Number(step.arg))) });
      case "pause":
      case "resume":
        return await this.#pause(step.op === "pause");
      case "resume_job":
        await service.resumeTrigger((await this.trigger()).id);
        return [{ event: "modified" }];
      case "remove_job":
        await service.cancelTask({ id: this.#task?.id });
        return [{ event: "removed" }];
      case "fail":
        this.#fails = step.arg === true;
        return [];
      case "run_held":
        return await this.#end(this.#held.splice(0, Number(step.arg ?? this.#held.length)));
      case "process":
        return await this.#process();
      default:
        throw new Error(`unknown operation ${step.op}`);
    }
  }

  async trigger(): Promise<TaskTrigger> {
    const task = await this.#rig.service.getTask(this.#task?.id);
    return present(task.triggers[0], "the trigger");
  }

  /** The job as the reference shows it; null when it is gone. */
  async job(): Promise<Job | null> {
    if (this.#task === undefined) return null;
    const { state } = await this.#rig.service.getTask(this.#task.id);
    const { nextFireAt, pausedAt, policy } = await this.trigger();
    const isGone = state === "cancelled" || (nextFireAt === null && pausedAt === null);
    if (isGone) return null;
    return {
      next_run_ms: nextFireAt === null ? null : millisOf(nextFireAt),
      misfire_grace_time: policy.misfireGraceMs === null ? null : policy.misfireGraceMs / 1000,
      coalesce: policy.coalesce === "latest",
      max_instances: policy.maxInstances,
    };
  }

  /** Seconds until the next pass. */
  async waitS(): Promise<number | null> {
    if (this.#isPaused) return null;
    const waitMs = await this.#rig.store.triggers.findNextFireMs();
    return waitMs === undefined ? null : waitMs / 1000;
  }

  /** Leaves nothing that another session could meet. */
  async clear(): Promise<void> {
    await this.#rig.service.resume();
    await this.#end(this.#held);
    if (this.#task === undefined) return;
    const { id, state } = await this.#rig.service.getTask(this.#task.id);
    if (state === "active") await this.#rig.service.cancelTask({ id });
  }

  #request(): object {
    const { options, id } = this.#case;
    const grace = options["misfire_grace_time"];
    const next = options["next_run_time"];
    return {
      type: "job",
      key: id,
      triggers: [
        {
          ...this.#spec(),
          misfireGraceMs: grace === undefined ? 1000 : grace === null ? null : Number(grace) * 1000,
          coalesce: options["coalesce"] === false ? "all" : "latest",
          maxInstances: options["max_instances"] ?? 1,
          ...(next === undefined
            ? {}
            : { nextFireAt: next === null ? null : formatInstant(parseInstant(String(next))) }),
        },
      ],
    };
  }

  #spec(): object {
    const { trigger, timezone } = this.#case;
    const { kind, start_date, end_date, run_date, ...rest } = trigger;
    const at = (text: unknown): string =>
      formatInstant(instantOfApsText({ field: "at", text: String(text) }, zoneTable(timezone)));
    const end = end_date === undefined ? {} : { endAt: at(end_date) };
    if (kind === "date") return { kind, at: at(run_date) };
    if (kind === "cron") {
      return { kind, dialect: "aps", fields: rest, zone: timezone, ...end };
    }
    const anchor = start_date === undefined ? {} : { anchorAt: at(start_date) };
    return { kind: "interval", everyMs: intervalMsOf(rest), ...anchor, ...end };
  }

  #after(seconds: number): ReturnType<typeof parseInstant> {
    return instantFromMillis(present(this.#case.steps[0], "a step").now_ms + seconds * 1000);
  }

  /** What the reference was given in its place: a one-off after some seconds, without options. */
  #replacement(seconds: number): object {
    const spec = { kind: "date", at: formatInstant(this.#after(seconds)) };
    return { spec, misfireGraceMs: 1000 };
  }

  async #change(change: object, event = "modified"): Promise<readonly Event[]> {
    await this.#rig.service.updateTrigger({ id: (await this.trigger()).id, change });
    return [{ event }];
  }

  async #pause(isPaused: boolean): Promise<readonly Event[]> {
    if (isPaused) await this.#rig.service.pause();
    else await this.#rig.service.resume();
    if (isPaused === this.#isPaused) return [];
    this.#isPaused = isPaused;
    return [{ event: isPaused ? "scheduler_paused" : "scheduler_resumed" }];
  }

  async #process(): Promise<readonly Event[]> {
    const wasThere = (await this.job()) !== null;
    await this.#rig.fire();
    const fresh = await this.#decided();
    const removed = wasThere && (await this.job()) === null ? [{ event: "removed" }] : [];
    const of = (verdicts: readonly string[]): readonly number[] =>
      fresh.filter((each) => verdicts.includes(each.verdict)).map((each) => each.ms);
    const submitted = of(["fired", "missed"]);
    const dropped = of(["skipped"]);
    const missed = of(["missed"]).map((run_time_ms) => ({ event: "missed", run_time_ms }));
    const executed = this.#case.executor === "held" ? await this.#hold() : await this.#runAll();
    return [
      ...removed,
      ...(submitted.length > 0 ? [{ event: "submitted", run_times_ms: submitted }] : []),
      ...(dropped.length > 0 ? [{ event: "max_instances", run_times_ms: dropped }] : []),
      ...[...missed, ...executed].toSorted(
        (one, other) => (one.run_time_ms ?? 0) - (other.run_time_ms ?? 0),
      ),
    ];
  }

  /** What this pass decided, oldest first, each of a range by itself. */
  async #decided(): Promise<readonly { readonly verdict: string; readonly ms: number }[]> {
    const { id, spec } = await this.trigger();
    const all = await this.#rig.service.listOccurrences(id, { limit: 1000 });
    const fresh = all.filter(({ fireAt }) => !this.#seen.has(formatInstant(fireAt)));
    for (const { fireAt } of fresh) this.#seen.add(formatInstant(fireAt));
    return fresh.toReversed().flatMap((occurrence) => {
      const rule = triggerFromSpec(spec);
      const last = lastOf(occurrence);
      const range = rule.between(instantFromMillis(millisOf(occurrence.fireAt) - 1), last, 1000);
      const times = last === occurrence.fireAt ? [last] : range.map(({ at }) => at);
      return times.map((at) => ({ verdict: occurrence.verdict, ms: millisOf(at) }));
    });
  }

  async #hold(): Promise<readonly Event[]> {
    this.#held.push(...(await this.#rig.claim()));
    return [];
  }

  async #runAll(): Promise<readonly Event[]> {
    const events: Event[] = [];
    // Again: those of one submission run after each other.
    for (let runs = await this.#rig.claim(); runs.length > 0; runs = await this.#rig.claim()) {
      events.push(...(await this.#end(runs)));
    }
    return events;
  }

  async #end(runs: readonly ClaimedRun[]): Promise<readonly Event[]> {
    const events: Event[] = [];
    for (const run of runs) {
      await this.#rig.finish(run, this.#fails ? failed("boom") : eventful());
      const event = this.#fails ? "error" : "executed";
      events.push({ event, run_time_ms: millisOf(present(run.fireAt, "a fire time")) });
    }
    return events;
  }
}

/** The last fire time that a row stands for. */
function lastOf({ fireAt, reason }: Occurrence): Occurrence["fireAt"] {
  const last = /up to (\S+)$/.exec(reason ?? "")?.[1];
  return last === undefined ? fireAt : parseInstant(last);
}

function comparable(events: readonly Event[]): readonly Event[] {
  return events.map(({ event, run_time_ms, run_times_ms }) => ({
    event,
    ...(run_time_ms === undefined ? {} : { run_time_ms }),
    ...(run_times_ms === undefined ? {} : { run_times_ms }),
  }));
}

let rig: ServiceRig;

beforeAll(async () => {
  rig = await openServiceRig([defineTask({ name: "job", run: () => eventful() })]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

test("every step is followed but those after a shutdown of the reference's process", () => {
  expect(suite.cases).toHaveLength(29);
  const rest = suite.cases.map((each) => each.steps.slice(followedSteps(each).length));
  expect(rest.filter((steps) => steps.length > 0)).toHaveLength(Object.keys(leftOut).length);
  for (const [index, { id }] of suite.cases.entries()) {
    expect(rest[index]?.map(({ op }) => op)).toEqual(leftOut[id] ?? []);
  }
  const followed = suite.cases.flatMap(followedSteps);
  expect(followed.some(({ op }) => op === "shutdown")).toBe(false);
});

test.each(suite.cases.map((each) => [each.id, each.name, each] as const))(
  "%s: %s",
  async (_id, _name, each) => {
    const session = new Session(rig, each);
    try {
      for (const step of followedSteps(each)) {
        if (step.error !== undefined && step.op !== "add_conflict") {
          await expect(session.follow(step)).rejects.toThrow(OrreryError);
          continue;
        }
        expect(await session.follow(step)).toEqual(comparable(step.events));
        const { job } = step;
        const at = `after ${step.op} at ${step.now_ms}`;
        expect(await session.job(), at).toEqual(job && expect.objectContaining(jobOf(job)));
        if (step.wait_s !== undefined) expect(await session.waitS(), at).toBe(step.wait_s);
      }
    } finally {
      await session.clear();
    }
  },
);

function jobOf({ next_run_ms, misfire_grace_time, coalesce, max_instances }: Job): Job {
  return { next_run_ms, misfire_grace_time, coalesce, max_instances };
}

test("an adaptive trigger can be paused alone, and is made up for when it goes on", async () => {
  rig.setNow("2030-01-01T00:00:00Z");
  const task = await rig.create({ type: "job", triggers: [{ kind: "adaptive" }] });
  const id: TriggerId = present(task.triggers[0], "the trigger").id;
  await rig.service.pauseTrigger(id);
  await rig.fire();
  expect(await rig.claim()).toEqual([]);
  const { nextFireAt } = await rig.service.resumeTrigger(id);
  expect(nextFireAt).toBe(parseInstant("2030-01-01T00:00:00Z"));
  await rig.service.cancelTask({ id: task.id });
});
