/** `orrery trigger` and the options of `orrery task add` for triggers, against a server. */

import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "../conformance/rig.ts";
import { captureCli } from "./captured-shell.ts";
import type { CommandResult } from "./spawned.ts";

let rig: SchedulerRig;

beforeAll(async () => {
  const tasks = ["poll"].map((name) => defineTask({ name, run: () => undefined }));
  rig = await openSchedulerRig({ tasks });
  // Nobody claims its runs: each one stays under way.
  await rig.orrery.pauseTaskType("poll");
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function orrery(...args: readonly string[]): Promise<CommandResult> {
  return captureCli(args, { env: { ORRERY_SERVER: rig.url } });
}

function words(line: string): readonly string[] {
  return line.split(" ");
}

/** The JSON that a command printed; it must have printed nothing else and ended well. */
async function orreryJson(...args: readonly string[]): Promise<unknown> {
  const { exitCode, out, err } = await orrery(...args, "--json");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out);
}

/** A task with one trigger that does not fire while a test runs: their ids as text. */
async function stored(...more: readonly string[]): Promise<{ task: string; trigger: string }> {
  const start = ["--start", "2100-01-01T00:00:00Z"];
  const task = await orreryJson("task", "add", "poll", "--every", "1h", ...start, ...more);
  const triggers = isRecord(task) ? task["triggers"] : undefined;
  const [trigger]: readonly unknown[] = Array.isArray(triggers) ? triggers : [];
  const idOf = (record: unknown): string => String(isRecord(record) ? record["id"] : undefined);
  return { task: idOf(task), trigger: idOf(trigger) };
}

describe("task add", () => {
  it("stores how its triggers fire", async () => {
    const task = await orreryJson(
      ...words("task add poll --timezone Europe/Zurich --jitter 90s --misfire-grace 1h30m"),
      ...words("--start 2100-01-01T00:00:00Z --end 2101-01-01T00:00:00Z --coalesce all"),
      ...words("--max-instances 3 --overlap queue-one --paused --cron"),
      "0 3 * * *",
    );
    expect(task).toMatchObject({
      triggers: [
        {
          spec: {
            kind: "cron",
            zone: "Europe/Zurich",
            jitterMs: 90_000,
            startAt: "2100-01-01T00:00:00.000000Z",
            endAt: "2101-01-01T00:00:00.000000Z",
          },
          misfireGraceMs: 5_400_000,
          coalesce: "all",
          maxInstances: 3,
          overlap: "queue-one",
          nextFireAt: null,
          pausedAt: expect.any(String),
        },
      ],
    });
  });

  it.each([
    [["--every", "1h", "--overlap", "stack"], /'stack' is invalid/],
    [["--every", "1h", "--coalesce", "most"], /'most' is invalid/],
    [["--every", "1h", "--max-instances", "0"], /positive whole number/],
    [["--every", "1h", "--max-instances", "10001"], /maxInstances must be a whole number from 1/],
    [["--every", "1h", "--misfire-grace", "5"], /--misfire-grace must be a duration/],
    [["--every", "1h", "--paused", "--next", "2100-01-01T00:00:00Z"], /cannot be used with/],
    [["--adaptive", "--overlap", "allow"], /triggers\[0\]\.overlap must be absent/],
    [["--at", "2100-01-01T00:00:00Z", "--jitter", "5s"], /triggers\[0\].*jitterMs/],
    [["--misfire-grace", "5m"], /--misfire-grace is for triggers/],
  ])("%j exits 2", async (args, message) => {
    const { exitCode, out, err } = await orrery("task", "add", "poll", ...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(message);
  });
});

test("task show tells what differs from the default, and what is paused", async () => {
  const usual = await stored();
  const plain = await orrery("task", "show", usual.task);
  expect(plain.out).toMatch(/^trigger +every hour.*; next 2100-01-01 00:00:00Z$/m);
  const { task, trigger } = await stored("--misfire-grace", "5m", "--overlap", "queue-all");
  await orrery("trigger", "pause", trigger);
  const shown = await orrery("task", "show", task);
  expect(shown.out).toMatch(
    /^trigger +every hour.*; paused since [\d :-]+Z; misfire grace 5m, overlap queue-all$/m,
  );
});

describe("trigger", () => {
  it("is added to a task, listed and shown", async () => {
    const { task, trigger } = await stored();
    const added = await orreryJson(
      ...words(`trigger add ${task} --max-instances 2 --next 2100-01-01T00:01:00Z --cron`),
      "*/5 * * * *",
    );
    expect(added).toMatchObject({
      taskId: Number(task),
      maxInstances: 2,
      nextFireAt: "2100-01-01T00:01:00.000000Z",
    });
    expect(await orreryJson("trigger", "list", task)).toMatchObject([
      { id: Number(trigger) },
      added,
    ]);
    const { out } = await orrery("trigger", "list", task);
    const [head, first, second] = out.split("\n");
    expect(head).toMatch(/^ID +RULE +NEXT +LAST +STATE +FIRING$/);
    expect(first).toMatch(/ +every hour.* +2100-01-01 00:00:00Z +- +active$/);
    expect(second).toMatch(
      / +every 5 minutes.* +2100-01-01 00:01:00Z +- +active +max instances 2$/,
    );
    const shown = await orrery("trigger", "show", trigger);
    expect(shown.out).toMatch(/^overlap +skip beyond 1 instance\(s\)$/m);
    expect(shown.out).toMatch(/^misfire grace +no bound$/m);
    expect(await orreryJson("trigger", "show", trigger)).toMatchObject({ id: Number(trigger) });
  });

  it("is changed in what is said, paused, resumed and removed", async () => {
    const { task, trigger } = await stored("--misfire-grace", "5m");
    expect(await orreryJson("trigger", "set", trigger, "--overlap", "allow")).toMatchObject({
      overlap: "allow",
      misfireGraceMs: 300_000,
      spec: { kind: "interval" },
    });
    const bounded = ["--jitter", "1m", "--misfire-grace", "none"];
    expect(await orreryJson("trigger", "set", trigger, ...bounded)).toMatchObject({
      misfireGraceMs: null,
      spec: { kind: "interval", jitterMs: 60_000, startAt: "2100-01-01T00:00:00.000000Z" },
    });
    const rule = ["--cron", "0 6 1 1 *", "--timezone", "Europe/Zurich"];
    expect(await orreryJson("trigger", "set", trigger, ...rule)).toMatchObject({
      spec: { kind: "cron", zone: "Europe/Zurich" },
    });
    expect(await orreryJson("trigger", "pause", trigger)).toMatchObject({ nextFireAt: null });
    expect((await orrery("trigger", "show", trigger)).out).toMatch(/^state +paused since /m);
    expect(await orreryJson("trigger", "resume", trigger)).toMatchObject({ pausedAt: null });
    const removed = await orreryJson("trigger", "remove", trigger);
    expect(removed).toEqual({ id: Number(trigger), removed: true });
    expect(await orreryJson("trigger", "list", task)).toEqual([]);
    expect((await orrery("trigger", "list", task)).err).toContain("runs once");
  });

  it("tells what became of its fire times, in pages that lead on", async () => {
    // Not long ago, since what was decided of older fire times is not kept.
    const hour = new Date(Date.now() - 3_600_000).toISOString().slice(0, 13);
    const { trigger } = await stored("--next", `${hour}:30:00Z`, "--coalesce", "earliest");
    let page: unknown;
    do page = await orreryJson("trigger", "occurrences", trigger);
    while (isRecord(page) && Array.isArray(page["items"]) && page["items"].length < 1);
    expect(page).toMatchObject({ items: [{ verdict: "fired" }], nextBefore: null });
    const one = ["trigger", "occurrences", trigger, "--limit", "1"];
    const before = `${hour}:30:00.000000Z`;
    expect(await orreryJson(...one)).toMatchObject({ nextBefore: before });
    const people = await orrery(...one);
    expect(people.out).toMatch(/^FIRE TIME +VERDICT +RUN +DECIDED +REASON$/m);
    expect(people.out).toMatch(/^\d{4}-\d\d-\d\d \d\d:30:00Z +fired +\d+ +\d{4}-/m);
    expect(people.err).toContain(`--before ${before}`);
    const earlier = await orrery(...one, "--before", before);
    expect(earlier).toMatchObject({ exitCode: 0, out: "" });
    expect(earlier.err).toContain("nothing was decided");
    expect((await orrery("trigger", "show", trigger)).out).toContain("VERDICT");
  });

  it.each([
    [["show", "999999"], 3, /orrery trigger list/],
    [["pause", "999999"], 3, /no trigger has the id 999999/],
    [["remove", "999999"], 3, /no trigger/],
    [["list", "999999"], 3, /no task/],
    [["add", "999999", "--every", "1h"], 3, /no task/],
    [["add", "1"], 2, /say when it is to fire/],
    [["add", "1", "--every", "1h", "--at", "2100-01-01T00:00:00Z"], 2, /one way to fire/],
    [["show", "first"], 2, /positive whole number/],
    [["occurrences", "1", "--before", "noon"], 2, /--before must be an RFC 3339 time/],
    [["occurrences", "1", "--limit", "1001"], 2, /limit must be/],
  ])("%j exits %d", async (args, exitCode, message) => {
    const result = await orrery("trigger", ...args);
    expect(result).toMatchObject({ exitCode, out: "" });
    expect(result.err).toMatch(message);
  });

  it("exits 2 for a change of nothing or to nonsense, 5 when the task has ended", async () => {
    const { task, trigger } = await stored();
    const nothing = await orrery("trigger", "set", trigger);
    expect(nothing).toMatchObject({ exitCode: 2, out: "" });
    expect(nothing.err).toContain("nothing to change");
    const unreadable = await orrery("trigger", "set", trigger, "--cron", "61 * * * *");
    expect(unreadable.exitCode).toBe(2);
    expect(unreadable.err).toContain("minute");
    await orrery("task", "cancel", task);
    expect(await orrery("trigger", "resume", trigger)).toMatchObject({ exitCode: 5, out: "" });
    const added = await orrery("trigger", "add", task, "--every", "1h");
    expect(added).toMatchObject({ exitCode: 5, out: "" });
  });
});
