import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { OperationId } from "../../src/api/routes.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import type { Service } from "../../src/service/service.ts";
import { openServiceRig, type ServiceRig } from "../service/rig.ts";
import { badGraphRequests } from "./bad-graph-requests.ts";
import { badRequests, typeNames, type BadRequest } from "./bad-requests.ts";

// One database for all rows: a refused request changes nothing, which the last test checks.
let rig: ServiceRig;

beforeAll(async () => {
  const run = (): undefined => undefined;
  const input = z.object({ to: z.email(), copies: z.int().optional() });
  rig = await openServiceRig([
    defineTask({ name: typeNames.plain, run }),
    defineTask({ name: typeNames.mail, run, input }),
    defineTask({ name: typeNames.full, run, limits: { unfinishedMax: 0 } }),
  ]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const allRequests = [...badRequests, ...badGraphRequests];

type Call = (service: Service, request: BadRequest) => unknown;

const idOf = ({ params }: BadRequest): unknown => params?.["id"];
const nameOf = ({ params }: BadRequest): unknown => params?.["name"];
const bodyOf = ({ body }: BadRequest, key: string): unknown =>
  isRecord(body) ? body[key] : undefined;

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
  followRuns: async (service, { query }) => service.followRuns(query ?? {}),
  pauseTaskType: (service, request) => service.pauseTaskType(nameOf(request)),
  createToken: (service, { body }) => service.createToken(body),
  revokeToken: (service, request) => service.revokeToken(idOf(request)),
};

test.each(allRequests)("the service refuses $title", async (request) => {
  const call = calls[request.operation];
  expect(call).toBeDefined();
  const thrown: unknown = await Promise.resolve(call?.(rig.service, request)).then(
    () => "accepted",
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: request.code });
  expect(thrown).toHaveProperty("message", expect.stringContaining(request.message));
  // A full queue names a type and no field.
  if (request.field !== "" || request.code === "ORR_INPUT_INVALID") {
    expect(thrown).toHaveProperty(["details", "field"], request.field);
  }
});

test("the table has more than sixty rows, each with a title of its own", () => {
  expect(allRequests.length).toBeGreaterThan(60);
  expect(new Set(allRequests.map(({ title }) => title)).size).toBe(allRequests.length);
});

test("nothing that was refused is stored", async () => {
  const [tasks, runs, tokens] = await Promise.all([
    rig.service.listTasks({}),
    rig.service.listRuns({}),
    rig.service.listTokens(),
  ]);
  expect([...tasks.items, ...runs.items, ...tokens]).toEqual([]);
});
