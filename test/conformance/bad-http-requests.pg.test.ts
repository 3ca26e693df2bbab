/**
 * The table of malformed requests once more, through the server: over HTTP each is refused with
 * the code, the field and the words with which the service refuses it.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import type { TaskDetailRecord } from "../../src/api/records.ts";
import { urlOf } from "../../src/api/route-url.ts";
import { routeTable } from "../../src/api/routes.ts";
import { errorCodes } from "../../src/kernel/error-codes.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { type BadRequest, typeNames } from "./bad-request.ts";
import { badRequests } from "./bad-requests.ts";
import { storedTask } from "./bad-trigger-requests.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;
let stored: TaskDetailRecord;

beforeAll(async () => {
  const run = (): undefined => undefined;
  const input = z.object({ to: z.email(), copies: z.int().optional() });
  const tasks = [
    defineTask({ name: typeNames.plain, run }),
    defineTask({ name: typeNames.mail, run, input }),
    defineTask({ name: typeNames.full, run, limits: { unfinishedMax: 0 } }),
  ];
  rig = await openSchedulerRig({ tasks, worker: false }, { bodyBytesMax: 67_108_864 });
  stored = await rig.orrery.createTask(storedTask);
  expect([stored.id, stored.triggers[0]?.id]).toEqual([1, 1]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function send({ operation, params, query, body }: BadRequest): Promise<Response> {
  const route = routeTable[operation];
  const url = `${rig.url}${urlOf(route, { ...(params && { params }), ...(query && { query }) })}`;
  return fetch(url, {
    method: route.method,
    ...(route.body === undefined
      ? {}
      : {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body ?? {}),
        }),
  });
}

test.each(badRequests)("the server refuses $title", async (request) => {
  const response = await send(request);
  const body: unknown = await response.json();
  const error = isRecord(body) ? body["error"] : undefined;
  expect(error).toMatchObject({ code: request.code });
  expect(response.status).toBe(errorCodes[request.code].httpStatus);
  expect(error).toHaveProperty("message", expect.stringContaining(request.message));
  // A full queue names a type and no field.
  if (request.field !== "" || request.code === "ORR_INPUT_INVALID") {
    expect(error).toHaveProperty(["details", "field"], request.field);
  }
});

test("nothing of all this was stored, and nothing was an error of the server", async () => {
  const [task, tasks, runs, tokens] = await Promise.all([
    rig.orrery.getTask(stored.id),
    rig.orrery.listTasks(),
    rig.orrery.listRuns(),
    rig.orrery.listTokens(),
  ]);
  expect([task, ...tasks.items.slice(1), ...runs.items, ...tokens]).toEqual([stored]);
  expect(rig.errors).toEqual([]);
});
