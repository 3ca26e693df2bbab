/** `orrery forecast` against a server: what it prints for people and for programs. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "../conformance/rig.ts";
import { captureCli } from "./captured-shell.ts";

let rig: SchedulerRig;

beforeAll(async () => {
  const tasks = ["fetch", "clean"].map((name) => defineTask({ name, run: () => undefined }));
  rig = await openSchedulerRig({ tasks, worker: false });
  await rig.orrery.createTasks([
    {
      type: "fetch",
      triggers: [{ kind: "interval", everyMs: 1_200_000, anchorAt: "2100-01-01T00:00:00Z" }],
    },
    {
      type: "clean",
      triggers: [{ kind: "cron", dialect: "vixie", expression: "30 1 * * *", zone: "UTC" }],
    },
  ]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const from = ["--from", "2100-01-01T00:00:00Z"];

test("shows people the types, the hours and the first runs", async () => {
  const args = ["forecast", ...from, "--hours", "2", "--limit", "3"];
  const { exitCode, out, err } = await captureCli(args, { env: { ORRERY_SERVER: rig.url } });
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^runs +7$/m);
  expect(out).toMatch(/^fetch +6 +- +- +active$/m);
  expect(out).toMatch(/^clean +1 +- +- +active$/m);
  expect(out).toMatch(/^2100-01-01 00:00:00Z +2$/m);
  expect(out).toMatch(/^2100-01-01 01:00:00Z +4$/m);
  expect(out).toMatch(/^2100-01-01 00:20:00Z +fetch +1 +calendar trigger 1$/m);
  expect(err).toContain("--limit lists more");
});

test("shows days where there are many hours", async () => {
  const args = ["forecast", ...from, "--hours", "72", "--type", "clean"];
  const { out } = await captureCli(args, { env: { ORRERY_SERVER: rig.url } });
  expect(out).toMatch(/^DAY +RUNS/m);
  expect(out).toMatch(/^2100-01-02 +1$/m);
});

test("prints the record for programs", async () => {
  const args = ["forecast", ...from, "--hours", "1", "--task", "1", "--json"];
  const { exitCode, out, err } = await captureCli(args, { env: { ORRERY_SERVER: rig.url } });
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ count: 3, complete: true, truncated: false });
});

test("exits 2 for a span that is too long", async () => {
  const args = ["forecast", "--hours", "745"];
  const { exitCode, err } = await captureCli(args, { env: { ORRERY_SERVER: rig.url } });
  expect(exitCode).toBe(2);
  expect(err).toContain("hours must be a whole number from 1 to 744");
});
