import { afterAll, beforeAll, expect, test } from "vitest";
import type { OperationId } from "../../src/api/routes.ts";
import { isRecord } from "../../src/kernel/json.ts";
import type { TaskDetail } from "../../src/model/task.ts";
import type { Service } from "../../src/service/service.ts";
import { openServiceRig, type ServiceRig } from "../service/rig.ts";
import { type BadRequest, expectRefusal, taskTypes } from "./bad-request.ts";
import { badRequests } from "./bad-requests.ts";
import { storedTask } from "./bad-trigger-requests.ts";

// One database for all rows: a refused request changes nothing, which the last test checks.
let rig: ServiceRig;
let stored: TaskDetail;

beforeAll(async () => {
  rig = await openServiceRig(taskTypes);
  stored = await rig.create(storedTask);
  expect([stored.id, stored.triggers[0]?.id]).toEqual([1, 1]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

type Call = (service: Service, request: BadRequest) => unknown;

const idOf = ({ params }: BadRequest): unknown => params?.["id"];
const nameOf = ({ params }: BadRequest): unknown => params?.["name"];
const bodyOf = ({ body }: BadRequest, key: string): unknown =>
  isRecord(body) ? body[key] : undefined;

async function firstOf(items: AsyncIterable<unknown>): Promise<unknown> {
  return await items[Symbol.asyncIterator]().next();
}

/** What the server makes of each operation that the table has. */
const calls: { readonly [Id in OperationId]?: Call } = {
  createTask: (service, { body }) => service.createTask(body),
  createTasks: (service, request) => service.createTasks(bodyOf(request, "tasks")),
  enqueue: (service, request) => service.enqueue(bodyOf(request, "runs")),
  submitGraph: (service, { body }) => service.submitGraph(body),
  getGraph: (service, request) => service.getGraph(idOf(request)),
  undoGraph: (service, request) => service.undoGraph(idOf(request)),
  addGraphNodes: (service, request) =>
    service.addGraphNodes({ id: idOf(request), addition: request.body }),
  getTask: (service, request) => service.getTask(idOf(request)),
  cancelTask: (service, request) =>
    service.cancelTask({ id: idOf(request), reason: bodyOf(request, "reason") }),
  listTasks: (service, { query }) => service.listTasks(query ?? {}),
  getRun: (service, request) => service.getRun(idOf(request)),
  retryRun: (service, request) => service.retryRun(idOf(request)),
  listRuns: (service, { query }) => service.listRuns(query ?? {}),
  listLogs: (service, request) => service.listLogs(idOf(request), request.query ?? {}),
  getForecast: (service, { query }) => service.getForecast(query ?? {}),
  addTrigger: (service, { params, body }) =>
    service.addTrigger({ taskId: params?.["taskId"], trigger: body }),
  getTrigger: (service, request) => service.getTrigger(idOf(request)),
  updateTrigger: (service, request) =>
    service.updateTrigger({ id: idOf(request), change: request.body }),
  pauseTrigger: (service, request) => service.pauseTrigger(idOf(request)),
  resumeTrigger: (service, request) => service.resumeTrigger(idOf(request)),
  removeTrigger: (service, request) => service.removeTrigger(idOf(request)),
  listOccurrences: (service, request) =>
    service.listOccurrences(idOf(request), request.query ?? {}),
  followRuns: async (service, { query }) => firstOf(service.followRuns(query ?? {})),
  followLogs: (service, request) => firstOf(service.followLogs(idOf(request), request.query ?? {})),
  importOrigins: (service, { body }) => service.importOrigins(body),
  nextVisits: (service, { body }) => service.nextVisits(body),
  peekVisits: (service, { body }) => service.peekVisits(body),
  reportVisits: (service, request) => service.reportVisits(bodyOf(request, "visits")),
  getVisitStats: (service, request) => service.getVisitStats(bodyOf(request, "origins")),
  countOrigins: (service, { query }) => service.countOrigins(query ?? {}),
  pauseTaskType: (service, request) => service.pauseTaskType(nameOf(request)),
  createToken: (service, { body }) => service.createToken(body),
  revokeToken: (service, request) => service.revokeToken(idOf(request)),
};

test.each(badRequests)("the service refuses $title", async (request) => {
  const call = calls[request.operation];
  expect(call).toBeDefined();
  const thrown: unknown = await Promise.resolve(call?.(rig.service, request)).then(
    () => "accepted",
    (error: unknown) => error,
  );
  expectRefusal(thrown, request);
});

test("the table has more than sixty rows, each with a title of its own", () => {
  expect(badRequests.length).toBeGreaterThan(60);
  expect(new Set(badRequests.map(({ title }) => title)).size).toBe(badRequests.length);
});

test("nothing that was refused is stored", async () => {
  const [task, tasks, runs, tokens, listers] = await Promise.all([
    rig.service.getTask(stored.id),
    rig.service.listTasks({}),
    rig.service.listRuns({}),
    rig.service.listTokens(),
    rig.service.listListers(),
  ]);
  const rest = [...tasks.items.slice(1), ...runs.items, ...tokens, ...listers];
  expect([task, ...rest]).toEqual([stored]);
});
