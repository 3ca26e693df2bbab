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
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;

beforeAll(async () => {
  const tasks = ["a", "b"].map((name) => defineTask({ name, run: () => undefined }));
  rig = await openSchedulerRig({ tasks, worker: false });
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

/** Values that fit a schema, more or less: bounds are tried from both sides. */
function fitting(schema: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(schema)) return oddValue;
  const { enum: words, anyOf, type, minimum, maximum, items } = schema;
  if (Array.isArray(words)) return fc.constantFrom(...words);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(fitting));
  switch (type) {
    case "string":
      return oddText;
    case "integer":
      return fc.oneof(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(Number(minimum ?? 0), Number(maximum ?? 9), Number(minimum ?? 0) - 1),
      );
    case "number":
      return fc.oneof(oddNumber, fc.constantFrom(Number(minimum ?? 0), Number(maximum ?? 9)));
    case "array":
      return fc.array(fitting(items), { maxLength: 4 });
    case "object":
      return fittingObject(schema);
    default:
      return oddValue;
  }
}

function fittingObject(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required: unknown = schema["required"];
  const members = Object.fromEntries(
    Object.entries(properties).map(([key, property]) => [key, fitting(property)]),
  );
  const requiredKeys = Array.isArray(required) ? required.map(String) : [];
  const record = fc.record(members, { requiredKeys });
  if (schema["additionalProperties"] !== true) return record;
  const trigger = fc.constantFrom(
    { kind: "adaptive" },
    { kind: "interval", everyMs: 1 },
    { kind: "cron", dialect: "vixie", expression: "* * * * *", zone: "UTC", clockChange: "match" },
    { kind: "date", at: "2030-01-01T00:00:00Z" },
    { kind: "or", triggers: [{ kind: "date", at: "x" }] },
  );
  return fc
    .tuple(trigger, fc.dictionary(oddText, oddValue, { maxKeys: 2 }))
    .map(([base, more]) => ({
      ...base,
      ...more,
    }));
}

/** A value with a member replaced, removed or added at a random place. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(value)) return fc.oneof(fc.constant(value), oddValue);
  const keys = Object.keys(value);
  const [key = "x"] = keys;
  return fc.oneof(
    fc.constant(value),
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

const calls = listRoutes().filter(([, route]) => route.answers !== "events");

test.each(calls)("no request makes %s fail", { timeout: 300_000 }, async (id, route) => {
  await fc.assert(
    fc.asyncProperty(requestsOf(route), async (request) => {
      const response = await send(route, request);
      expect(response.statusCode, `${id}: ${response.body}`).toBeLessThan(500);
      if (response.statusCode >= 400) expectError(response.body, id);
    }),
    { numRuns: 60 },
  );
  expect(rig.errors).toEqual([]);
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

test("no path makes the server fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary-ascii", maxLength: 60 }), async (path) => {
      fc.pre(!/[\s#]|[^!-~]/.test(path));
      const url = `/${path}`;
      const response = await rig.server.app.inject({
        method: "GET",
        url,
        headers: { host: "::1" },
      });
      expect(response.statusCode).toBeLessThan(500);
    }),
  );
});
