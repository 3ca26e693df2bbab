import { firingPolicyDefault } from "../policy/firing-policy.ts";
import { expect, test } from "vitest";
import { toId, type TaskId, type TaskTypeId, type TriggerId } from "../kernel/ids.ts";
import { parseInstant } from "../kernel/instant.ts";
import type { TaskDetail } from "../model/task.ts";
import { encodeTaskDetail, encodeTrigger } from "./encode.ts";

const at = parseInstant("2026-03-01T09:00:00.000001Z");
const id = toId<TaskId>(7, "id");
const trigger = { taskId: id, nextFireAt: at, previousFireAt: null };
const task: TaskDetail = {
  id,
  typeId: toId<TaskTypeId>(1, "id"),
  typeName: "poll",
  name: "Poll",
  key: null,
  parentId: null,
  rootId: id,
  nodeName: null,
  input: { n: 1 },
  priority: "normal",
  concurrencyKey: null,
  overrides: {},
  state: "active",
  stateReason: null,
  lastOutcome: null,
  createdAt: at,
  updatedAt: at,
  finishedAt: null,
  triggers: [
    {
      ...trigger,
      id: toId<TriggerId>(1, "id"),
      spec: { kind: "adaptive" },
      policy: firingPolicyDefault,
      pausedAt: null,
      intervalMs: 60_000.4,
    },
    {
      ...trigger,
      id: toId<TriggerId>(2, "id"),
      spec: { kind: "interval", everyMs: 60_000 },
      policy: firingPolicyDefault,
      pausedAt: null,
      intervalMs: null,
    },
  ],
  requires: [
    { taskId: id, requiresTaskId: id, reason: "requires", onFailure: "block", satisfiedAt: at },
  ],
};

test("a record is JSON: instants are text of six digits, and nothing of the store leaks", () => {
  const record = encodeTaskDetail(task);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect(record).toMatchObject({
    id: 7,
    type: "poll",
    createdAt: "2026-03-01T09:00:00.000001Z",
    finishedAt: null,
    requires: [{ taskId: 7, satisfiedAt: "2026-03-01T09:00:00.000001Z" }],
  });
  expect(record).not.toHaveProperty("typeId");
});

test("a trigger says whose it is and how it fires", () => {
  const [adaptive] = encodeTaskDetail(task).triggers;
  expect(adaptive).toMatchObject({ taskId: 7, ...firingPolicyDefault, pausedAt: null });
  expect(adaptive).not.toHaveProperty("policy");
});

test("each trigger is described in plain English", () => {
  const [adaptive, interval] = encodeTaskDetail(task).triggers;
  expect(adaptive?.description).toBe("adaptive, at present 60000 ms after each run");
  expect(interval?.description).toMatch(/every (minute|60)/i);
});

test("a rule that cannot be read is shown as that", () => {
  const [, stored] = task.triggers;
  if (stored === undefined) throw new RangeError("no second trigger");
  const unreadable = { ...stored, spec: { kind: "lunar" } };
  expect(encodeTrigger(unreadable)).toMatchObject({
    spec: { kind: "lunar" },
    description: expect.stringMatching(/^a rule that this release cannot read: .*lunar/),
  });
});
