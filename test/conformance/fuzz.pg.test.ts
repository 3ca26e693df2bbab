/**
 * Requests that nobody would write: made from the schemas of each route and then damaged. Whatever
 * comes, the server never answers with a 5xx, and every error has the one form.
 */

import fc from "fast-check";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";

import { apiPrefix, listRoutes, type OperationId, type Route } from "../../src/api/routes.ts";
import { schemas } from "../../src/api/schemas/registry.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { visitPolicies } from "../../src/policy/visit-selection.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;

beforeAll(async () => {
  const tasks = ["a", "b"].map((name) => defineTask({ name, run: () => undefined }));
  rig = await openSchedulerRig({ tasks, worker: false });
  // Their ids, and those of their triggers, are the first ones, which requests mostly name.
  const triggers = [{ kind: "interval", everyMs: 3_600_000 }];
  await rig.orrery.createTasks(Array.from({ length: 5 }, () => ({ type: "a", triggers })));
  await rig.orrery.createTask({ type: "a", key: "k" });
  await rig.orrery.enqueue([{ type: "a" }]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Letters that databases, paths and parsers trip over. */
const oddText = fc.oneof(
  fc.constantFrom("a", "b", "k", "", "\0", "\ud800", "'; --", "%00", "../..", "__proto__", "1.1"),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constant("x".repeat(300)),
);

const oddNumber = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, -0),
  fc.integer(),
  fc.double(),
);

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 2, arbitrary: oddText },
  { weight: 2, arbitrary: oddNumber },
  { weight: 1, arbitrary: fc.constantFrom(null, true, [], {}, [[]], [null], { kind: "cron" }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Mostly what the schema wants, at times something odd. */
function mostly(wanted: fc.Arbitrary<unknown>, odd: fc.Arbitrary<unknown> = oddValue) {
  return fc.oneof({ weight: 30, arbitrary: wanted }, { weight: 1, arbitrary: odd });
}

const goodTexts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  type: fc.constantFrom("a", "b"),
  before: fc.constantFrom("2030-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
  nextFireAt: fc.constantFrom("2030-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59Z"),
  dueAt: fc.constantFrom("2030-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59Z"),
  policy: fc.constantFrom(...visitPolicies),
  at: fc.constantFrom("2030-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59Z"),
  lastUpdateAt: fc.constantFrom("2030-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59"),
  snapshot: fc.constantFrom("00ff", "abc"),
  after: fc.constantFrom("1.1", "2147483647.2147483647"),
};

/** Values that fit a schema, more or less: bounds are tried from both sides. */
function fitting(schema: unknown, key = ""): fc.Arbitrary<unknown> {
  if (!isRecord(schema)) return oddValue;
  const { enum: words, anyOf, type, minimum, maximum, items } = schema;
  if (Array.isArray(words)) return mostly(fc.constantFrom(...words));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((each) => fitting(each, key)));
  if (type === "null") return fc.constant(null);
  const [low, high] = [Number(minimum ?? 0), Number(maximum ?? 9)];
  switch (type) {
    case "string":
      return mostly(goodTexts[key] ?? fc.constantFrom("a", "b", "k", "ü"), oddText);
    case "integer":
      return mostly(fc.integer({ min: 1, max: 5 }), fc.constantFrom(low, high, low - 1, high + 1));
    case "number":
      return mostly(fc.constantFrom(low, 1, 1.5, high), oddNumber);
    case "array":
      return mostly(fc.array(fitting(items), { maxLength: 3 }));
    case "object":
      return mostly(
        schema["additionalProperties"] === true ? triggerOf(schema) : fittingObject(schema),
      );
    default:
      return oddValue;
  }
}

function fittingObject(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required: unknown = schema["required"];
  const members = Object.entries(properties);
  const always = Array.isArray(required) ? required.map(String) : [];
  // Members that exclude each other meet less often when few are there.
  return fc.subarray(members, { maxLength: Math.min(members.length, 4) }).chain((some) => {
    const chosen = members.filter((each) => always.includes(each[0]) || some.includes(each));
    return fc.record(
      Object.fromEntries(chosen.map(([key, property]) => [key, fitting(property, key)])),
    );
  });
}

/** A rule, and beside it what the schema says of how it fires. */
function triggerOf(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  return fc
    .tuple(fittingObject(schema), rule)
    .map(([fields, base]) => ({ ...(isRecord(fields) ? fields : {}), ...base }));
}

/** Rules of every kind, at times with a member that is odd. */
const rule: fc.Arbitrary<object> = fc
  .tuple(
    fc.constantFrom(
      { kind: "adaptive" },
      { kind: "interval", everyMs: 1_000 },
      { kind: "cron", dialect: "vixie", expression: "0 9 * * 1", zone: "UTC", clockChange: "once" },
      { kind: "cron", dialect: "aps", fields: { hour: "9" }, zone: "Europe/Berlin" },
      { kind: "date", at: "2030-01-01T00:00:00Z" },
      { kind: "or", triggers: [{ kind: "date", at: "2030-01-01T00:00:00Z" }] },
    ),
    mostly(fc.constant({}), fc.dictionary(oddText, oddValue, { maxKeys: 2 })),
    fc.constantFrom("zone", "at", "everyMs", "expression", "triggers", "startAt", "jitterMs"),
    mostly(fc.constant(undefined)),
  )
  .map(([base, more, key, odd]) => ({
    ...base,
    ...(isRecord(more) ? more : {}),
    ...(odd === undefined ? {} : { [key]: odd }),
  }));

/** A value with a member replaced, removed or added at a random place. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(value)) return fc.oneof(fc.constant(value), oddValue);
  const keys = Object.keys(value);
  const [key = "x"] = keys;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(value) },
    fc.tuple(fc.constantFrom(key, ...keys), oddValue).map(([at, odd]) => ({ ...value, [at]: odd })),
    fc.constantFrom(key, ...keys).map((gone) => ({ ...value, [gone]: undefined })),
    fc.tuple(oddText, oddValue).map(([at, odd]) => ({ ...value, [at]: odd })),
  );
}

interface Fuzzed {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

function requestsOf(route: Route): fc.Arbitrary<Fuzzed> {
  const part = (name: Route["params"]) =>
    name === undefined ? fc.constant(undefined) : fitting(schemas[name]).chain(damaged);
  return fc.record({
    params: route.params === undefined ? fc.constant({}) : fitting(schemas[route.params]),
    query: part(route.query),
    body: part(route.body),
  });
}

async function send(route: Route, { params, query, body }: Fuzzed) {
  const members = isRecord(params) ? params : {};
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(members[name]).toWellFormed()),
  );
  const search = new URLSearchParams(
    Object.entries(isRecord(query) ? query : {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each): [string, string] => [
        name,
        typeof each === "object" ? JSON.stringify(each) : String(each),
      ]),
    ),
  );
  // Long polls answer at once: what is looked for is not whether they wait.
  if (route.path.endsWith("/wait")) search.set("timeoutMs", "0");
  return rig.server.app.inject({
    method: route.method,
    url: `${apiPrefix}${path}?${search.toString()}`,
    headers: {
      host: "127.0.0.1",
      ...(route.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(route.body === undefined ? {} : { payload: JSON.stringify(body) ?? "" }),
  });
}

/** Triggers first: a task that another operation has ended takes none any more. */
const calls = listRoutes()
  .filter(([, route]) => route.answers !== "events")
  .toSorted(([, left], [, right]) => rankOf(left) - rankOf(right));

function rankOf({ tag }: Route): number {
  return tag === "triggers" ? 0 : 1;
}

/** Operations that no state of a record forbids: some of their requests must succeed. */
const alwaysPossible = new Set<OperationId>([
  "createTask",
  "createTasks",
  "enqueue",
  "submitGraph",
  "importOrigins",
  "peekVisits",
  "reportVisits",
  "getVisitStats",
  "createToken",
  "addTrigger",
  "updateTrigger",
  "listOccurrences",
]);

test.each(calls)("no request makes %s fail", { timeout: 300_000 }, async (id, route) => {
  let successCount = 0;
  await fc.assert(
    fc.asyncProperty(requestsOf(route), async (request) => {
      const response = await send(route, request);
      expect(response.statusCode, `${id}: ${response.body}`).toBeLessThan(500);
      if (response.statusCode >= 400) expectError(response.body, id);
      else successCount += 1;
    }),
    { numRuns: 60 },
  );
  expect(rig.errors).toEqual([]);
  // Requests that are all refused at the door would show nothing.
  if (alwaysPossible.has(id)) expect(successCount).toBeGreaterThan(0);
});

function expectError(body: string, id: OperationId): void {
  const errors = Value.Errors(schemas.ErrorRecord, JSON.parse(body));
  expect(errors, `${id}: ${body}`).toEqual([]);
}

test("no bytes in place of a body make the server fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isQuoted) => {
      const payload = isQuoted ? Buffer.concat([Buffer.from('{"type":"'), bytes]) : bytes;
      const response = await rig.server.app.inject({
        method: "POST",
        url: `${apiPrefix}/tasks`,
        headers: { host: "127.0.0.1", "content-type": "application/json" },
        payload: Buffer.from(payload),
      });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.statusCode).toBeLessThan(500);
      expectError(response.body, "createTask");
    }),
  );
});

/** Whatever a request line can hold: visible ASCII, but for the mark of a fragment. */
const pathLetter = fc.constantFrom(
  ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
    (letter) => letter !== "#",
  ),
);

test("no path makes the server fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: pathLetter, maxLength: 60 }), async (path) => {
      const url = `/${path}`;
      // What brings the request to the server here reads it as an address, which a socket does not.
      fc.pre(URL.canParse(url, "http://localhost"));
      const response = await rig.server.app.inject({
        method: "GET",
        url,
        headers: { host: "::1" },
      });
      expect(response.statusCode).toBeLessThan(500);
    }),
  );
});
