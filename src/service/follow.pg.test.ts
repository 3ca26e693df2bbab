import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { defineTask } from "../model/define-task.ts";
import { eventful, failed } from "../model/outcome.ts";
import type { EndedAttempt } from "../model/store.ts";

const run = (): undefined => undefined;
const step = defineTask({ name: "step", run });
const other = defineTask({ name: "other", run });

async function openRig(): Promise<ServiceRig> {
  const rig = await openServiceRig([step, other]);
  rig.setNow(null);
  return rig;
}

async function queued(rig: ServiceRig): Promise<number> {
  const [id] = await rig.service.enqueue([{ type: "step" }]);
  return Number(id);
}

async function endAll(rig: ServiceRig): Promise<void> {
  for (const each of await rig.claim()) await rig.finish(each, eventful("done"));
}

test("a run that has ended is answered at once", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  await endAll(rig);
  expect(await rig.service.waitForRun(id, { timeoutMs: 0 })).toMatchObject({ output: "done" });
});

test("a wait ends when its run does", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  const wait = rig.service.waitForRun(id, {});
  await endAll(rig);
  expect(await wait).toMatchObject({ id, state: "succeeded", output: "done" });
});

test("a wait ends when its run is cancelled", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  const wait = rig.service.waitForRun(id, {});
  await rig.service.cancelRun({ id });
  expect(await wait).toMatchObject({ state: "cancelled" });
});

test("a wait that takes too long says in what state the run is", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  await expect(rig.service.waitForRun(id, { timeoutMs: 50 })).rejects.toMatchObject({
    code: "ORR_TIMEOUT_WAIT",
    details: { runId: id, state: "queued", timeoutMs: 50 },
  });
});

test("a wait is called off by its signal, with its reason", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  const controller = new AbortController();
  const wait = rig.service.waitForRun(id, { signal: controller.signal });
  const reason = new TypeError("enough");
  controller.abort(reason);
  await expect(wait).rejects.toBe(reason);
});

test("closing ends a wait only after a last look at the run", async () => {
  await using rig = await openRig();
  const [ended, live] = [await queued(rig), await queued(rig)];
  const closing = new AbortController();
  const waits = [ended, live].map((id) =>
    rig.service.waitForRun(id, { closing: closing.signal }).then(
      (each) => each.state,
      (thrown: unknown) => thrown,
    ),
  );
  const claimed = await rig.claim();
  for (const each of claimed.filter(({ id }) => id === ended)) await rig.finish(each);
  const reason = new TypeError("closing");
  closing.abort(reason);
  expect(await Promise.all(waits)).toEqual(["succeeded", reason]);
});

test("waiting for a run that nobody has is refused", async () => {
  await using rig = await openRig();
  await expect(rig.service.waitForRun(999, {})).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_RUN",
  });
});

/** The first `count` attempts that are followed. */
async function first(events: AsyncIterable<EndedAttempt>, count: number): Promise<EndedAttempt[]> {
  const seen: EndedAttempt[] = [];
  for await (const event of events) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}

test("attempts are told as they end, from the call on, each once", async () => {
  await using rig = await openRig();
  await queued(rig);
  await endAll(rig);
  // The clock of the database moves on between the end before the call and those after it.
  await rig.store.system.now();
  const events = rig.service.followRuns({});
  const ids = [await queued(rig), await queued(rig), await queued(rig)];
  const seen = first(events, 3);
  for (const each of await rig.claim()) await rig.finish(each, failed("no luck"));
  expect((await seen).map((each) => each.runId).toSorted((a, b) => a - b)).toEqual(ids);
  expect(await seen).toMatchObject([{ typeName: "step", outcome: "failed", final: true }, {}, {}]);
});

test("only the attempts of a type or of a task are told, if that was asked for", async () => {
  await using rig = await openRig();
  const byType = rig.service.followRuns({ type: "other" });
  const task = await rig.create({ type: "step" });
  const byTask = rig.service.followRuns({ taskId: task.id });
  const seen = Promise.all([first(byType, 1), first(byTask, 1)]);
  await rig.service.enqueue([{ type: "step" }, { type: "other" }]);
  await endAll(rig);
  expect(await seen).toMatchObject([[{ typeName: "other" }], [{ taskId: task.id }]]);
});

test("following ends quietly when its signal is aborted", async () => {
  await using rig = await openRig();
  const controller = new AbortController();
  const seen = first(rig.service.followRuns({ signal: controller.signal }), 5);
  await queued(rig);
  await endAll(rig);
  controller.abort();
  expect((await seen).length).toBeLessThanOrEqual(1);
});

test("a filter that cannot be is refused at the call", async () => {
  await using rig = await openRig();
  expect(() => rig.service.followRuns({ taskId: -1 })).toThrow("taskId must be");
});

test("a log is followed from its first line to the end of the run", async () => {
  await using rig = await openRig();
  const id = await queued(rig);
  const [claimed] = await rig.claim();
  if (claimed === undefined) throw new Error("nothing was claimed");
  const line = (seq: number) => ({
    runId: claimed.id,
    typeId: claimed.typeId,
    attempt: 1,
    seq,
    level: "info" as const,
    message: `line ${seq}`,
    data: null,
    ageMs: 0,
  });
  await rig.store.history.appendLog([line(1), line(2)]);
  const seen: string[] = [];
  for await (const { message } of rig.service.followLogs(id, {})) {
    seen.push(message);
    if (seen.length === 2) {
      await rig.store.history.appendLog(Array.from({ length: 600 }, (_, index) => line(index + 3)));
      await rig.finish(claimed);
    }
  }
  expect(seen).toEqual(Array.from({ length: 602 }, (_, index) => `line ${index + 1}`));
});

test("following the log of a run that nobody has is refused", async () => {
  await using rig = await openRig();
  const follow = async (): Promise<void> => {
    for await (const line of rig.service.followLogs(999, {})) expect(line).toBeUndefined();
  };
  await expect(follow()).rejects.toMatchObject({ code: "ORR_NOT_FOUND_RUN" });
});
