import { Value } from "typebox/value";
import { expect, test } from "vitest";

import { isRecord } from "../kernel/json.ts";
import { createOpenApiDocument } from "./openapi.ts";
import { errorsOf, listRoutes } from "./routes.ts";
import { schemas } from "./schemas/registry.ts";

const document = createOpenApiDocument({ version: "1.2.3" });

function at(...path: readonly string[]): unknown {
  let place: unknown = document;
  for (const key of path) place = isRecord(place) ? place[key] : undefined;
  return place;
}

function* walk(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  if (!isRecord(value)) return;
  yield value;
  for (const part of Object.values(value)) yield* walk(part);
}

test("the document is plain JSON of version 3.1", () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
});

test("every route stands under its path and method with its own operation id", () => {
  const ids = new Set<unknown>();
  for (const [id, route] of listRoutes()) {
    const operation = at("paths", route.path, route.method.toLowerCase());
    expect(operation).toMatchObject({ operationId: id, tags: [route.tag], summary: route.summary });
    ids.add(isRecord(operation) ? operation["operationId"] : undefined);
  }
  expect(ids.size).toBe(listRoutes().length);
  const count = Object.values(Object(document["paths"])).flatMap((path) =>
    Object.keys(Object(path)),
  );
  expect(count).toHaveLength(listRoutes().length);
});

test("every reference leads to a schema, and every component is referred to", () => {
  const names = new Set<string>();
  for (const node of walk(document)) {
    const reference = node["$ref"];
    if (typeof reference !== "string") continue;
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? reference;
    expect(at("components", "schemas", name), reference).toBeDefined();
    names.add(name);
  }
  expect([...names].toSorted()).toEqual(
    Object.keys(Object(at("components", "schemas"))).toSorted(),
  );
});

test("path parameters are required and named in the path", () => {
  for (const [, route] of listRoutes()) {
    const operation = at("paths", route.path, route.method.toLowerCase());
    const parameters = isRecord(operation) ? operation["parameters"] : undefined;
    for (const parameter of walk(parameters)) {
      if (parameter["in"] !== "path") continue;
      expect(parameter["required"]).toBe(true);
      expect(route.path).toContain(`{${String(parameter["name"])}}`);
    }
  }
});

test("the status of every error of a route is documented", () => {
  for (const [, route] of listRoutes()) {
    const responses = at("paths", route.path, route.method.toLowerCase(), "responses");
    const text = JSON.stringify(responses);
    for (const code of errorsOf(route)) expect(text).toContain(code);
    expect(responses).toHaveProperty(String(route.status));
  }
});

test("the examples of bodies are valid bodies", () => {
  for (const [id, route] of listRoutes()) {
    if (route.body === undefined) continue;
    const method = route.method.toLowerCase();
    const media = at("paths", route.path, method, "requestBody", "content", "application/json");
    const example = isRecord(media) ? media["example"] : undefined;
    expect(Value.Check(schemas[route.body], example), id).toBe(true);
  }
});
