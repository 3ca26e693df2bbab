/**
 * The table of malformed requests once more, through the server: over HTTP each is refused with
 * the code, the field and the words with which the service refuses it.
 */

import { afterAll, beforeAll, expect, test } from "vitest";

import type { TaskDetailRecord } from "../../src/api/records.ts";
import { urlOf } from "../../src/api/route-url.ts";
import { routeTable } from "../../src/api/routes.ts";
import { errorCodes } from "../../src/kernel/error-codes.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { type BadRequest, expectRefusal, taskTypes } from "./bad-request.ts";
import { badRequests } from "./bad-requests.ts";
import { storedTask } from "./bad-trigger-requests.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;
let stored: TaskDetailRecord;

beforeAll(async () => {
  rig = await openSchedulerRig({ tasks: taskTypes, worker: false }, { bodyBytesMax: 67_108_864 });
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
  expectRefusal(error, request);
  expect(response.status).toBe(errorCodes[request.code].httpStatus);
});

test("nothing of all this was stored, and nothing was an error of the server", async () => {
  const [task, tasks, runs, tokens, listers] = await Promise.all([
    rig.orrery.getTask(stored.id),
    rig.orrery.listTasks(),
    rig.orrery.listRuns(),
    rig.orrery.listTokens(),
    rig.orrery.frontier.listListers(),
  ]);
  const rest = [...tasks.items.slice(1), ...runs.items, ...tokens, ...listers];
  expect([task, ...rest]).toEqual([stored]);
  expect(rig.errors).toEqual([]);
});
