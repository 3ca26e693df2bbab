import { expect, test } from "vitest";
import { openServiceRig, startAt, type ServiceRig } from "../../test/service/rig.ts";
import { parseInstant } from "../kernel/instant.ts";
import { sha256Hex } from "../kernel/secrets.ts";
import { defineTask } from "../model/define-task.ts";

const step = defineTask({ name: "jobs.step", run: () => undefined, description: "One step" });

async function openRig(): Promise<ServiceRig> {
  return openServiceRig([step]);
}

test("a paused task type is claimed by nobody until it is resumed", async () => {
  await using rig = await openRig();
  await rig.service.enqueue([{ type: "jobs.step" }]);
  expect((await rig.service.pauseTaskType("jobs.step")).pausedAt).toBe(parseInstant(startAt));
  expect(await rig.claim()).toEqual([]);
  expect((await rig.service.resumeTaskType("jobs.step")).pausedAt).toBeNull();
  expect(await rig.claim()).toHaveLength(1);
});

test("registering again changes the settings and leaves a paused type paused", async () => {
  await using rig = await openRig();
  const before = await rig.service.pauseTaskType("jobs.step");
  const settings = [{ ...step.settings, description: "Another step" }];
  await rig.service.registerTaskTypes({ settings, retention: [] });
  expect(await rig.service.listTaskTypes()).toEqual([{ ...before, description: "Another step" }]);
});

test.each(["getTaskType", "pauseTaskType", "resumeTaskType"] as const)(
  "%s refuses an unknown name and suggests a known one",
  async (verb) => {
    await using rig = await openRig();
    await expect(rig.service[verb]("step")).rejects.toMatchObject({
      code: "ORR_NOT_FOUND_TASK_TYPE",
      message: 'no task type is named "step"; did you mean "jobs.step"?',
      details: { field: "name", value: "step", nearest: ["jobs.step"] },
    });
  },
);

test("while everything is paused nothing fires and nothing is claimed", async () => {
  await using rig = await openRig();
  await rig.service.enqueue([{ type: "jobs.step" }]);
  await rig.create({ type: "jobs.step", triggers: [{ kind: "adaptive" }] });
  expect((await rig.service.pause()).pausedAt).toBe(parseInstant(startAt));
  await rig.fire();
  expect(await rig.claim()).toEqual([]);
  expect((await rig.service.resume()).pausedAt).toBeNull();
  await rig.fire();
  expect(await rig.claim()).toHaveLength(2);
});

test("the status counts what there is", async () => {
  await using rig = await openRig();
  await rig.service.enqueue([{ type: "jobs.step" }, { type: "jobs.step", delayMs: 1_000 }]);
  const triggers = [{ kind: "date", at: "2026-03-01T10:00:00Z" }];
  await rig.create({ type: "jobs.step", triggers });
  const status = await rig.service.getSystem();
  expect(status).toMatchObject({
    version: "test",
    now: parseInstant(startAt),
    pausedAt: null,
    nextFireAt: parseInstant("2026-03-01T10:00:00Z"),
    taskTypeCount: 1,
  });
  const counted = status.counts.reduce((sum, each) => sum + each.count, 0);
  expect(counted).toBe(2);
  expect(status.database.schema).toBe("orrery");
});

test("a token's secret is shown once, works, and is nowhere in the database", async () => {
  await using rig = await openRig();
  const { token, secret } = await rig.service.createToken({ name: "ci", role: "operator" });
  expect(secret).toMatch(/^orr_[\w-]{43}$/);
  expect(token).toMatchObject({ name: "ci", role: "operator", expiresAt: null, revokedAt: null });
  expect(
    JSON.stringify(await rig.service.listTokens(), (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    ),
  ).not.toContain(secret);
  const rows = await rig.database.query("select api_token::text as row from orrery.api_token");
  expect(rows).toHaveLength(1);
  expect(rows[0]?.["row"]).toContain(await sha256Hex(secret));
  expect(rows[0]?.["row"]).not.toContain(secret);
  expect(await rig.service.findTokenBySecret(secret)).toMatchObject({ id: token.id });
});

test("a secret changed in one letter, or of another shape, belongs to no token", async () => {
  await using rig = await openRig();
  const { secret } = await rig.service.createToken({ name: "ci", role: "viewer" });
  const changed = secret.slice(0, -2) + (secret.at(-2) === "A" ? "B" : "A") + secret.slice(-1);
  for (const wrong of [changed, secret.slice(4), `${secret} `, "", "orr_"]) {
    expect(await rig.service.findTokenBySecret(wrong)).toBeUndefined();
  }
});

test("a revoked token is worthless at once and for good", async () => {
  await using rig = await openRig();
  const { token, secret } = await rig.service.createToken({ name: "ci", role: "admin" });
  await rig.service.revokeToken(token.id);
  expect(await rig.service.findTokenBySecret(secret)).toBeUndefined();
  rig.setNow("2026-03-02T09:00:00Z");
  await rig.service.revokeToken(token.id);
  expect((await rig.service.listTokens())[0]?.revokedAt).toBe(parseInstant(startAt));
});

test("a token that nobody has cannot be revoked", async () => {
  await using rig = await openRig();
  await expect(rig.service.revokeToken(999)).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_TOKEN",
    details: { field: "id", value: 999 },
  });
});

test("a token is worthless when its days are over", async () => {
  await using rig = await openRig();
  const request = { name: "ci", role: "admin", expiresInDays: 2 };
  const { token, secret } = await rig.service.createToken(request);
  expect(token.expiresAt).toBe(parseInstant("2026-03-03T09:00:00Z"));
  rig.setNow("2026-03-03T08:59:59Z");
  expect(await rig.service.findTokenBySecret(secret)).toBeDefined();
  rig.setNow("2026-03-03T09:00:00Z");
  expect(await rig.service.findTokenBySecret(secret)).toBeUndefined();
});
