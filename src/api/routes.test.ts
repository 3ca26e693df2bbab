import fc from "fast-check";
import { expect, test } from "vitest";

import { errorCodes } from "../kernel/error-codes.ts";
import { apiPrefix, errorsOf, listRoutes, routeTable } from "./routes.ts";
import { urlOf } from "./route-url.ts";
import { schemas } from "./schemas/registry.ts";

test("no two routes share method and path", () => {
  const places = listRoutes().map(([, route]) => `${route.method} ${route.path}`);
  expect(new Set(places).size).toBe(places.length);
});

test("each path's parameters are the members of its schema", () => {
  for (const [id, route] of listRoutes()) {
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const schema: object = route.params === undefined ? {} : schemas[route.params];
    const members = "properties" in schema ? Object.keys(Object(schema.properties)) : [];
    expect(members, id).toEqual(inPath);
  }
});

/** Questions that are too long for an address, and so have a body. */
const longQuestions: ReadonlySet<string> = new Set(["peekVisits", "getVisitStats"]);

test("only requests that change something have a body or need more than a viewer", () => {
  for (const [id, route] of listRoutes()) {
    expect(route.body !== undefined, id).toBe(["POST", "PATCH"].includes(route.method));
    const asks = route.method === "GET" || longQuestions.has(id);
    const reads = asks && route.tag !== "tokens";
    expect(route.role === "viewer", id).toBe(reads);
  }
});

test("whatever a parameter holds comes back from the address, or is refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (name) => {
      fc.pre(!/^\.{1,2}$/.test(name));
      const url = new URL(urlOf(routeTable.getTaskType, { params: { name } }), "http://h");
      const segment = url.pathname.slice(`${apiPrefix}/task-types/`.length);
      expect(segment).not.toContain("/");
      expect(decodeURIComponent(segment)).toBe(name.toWellFormed());
    }),
  );
});

test("a parameter that an address would take for a step up is refused", () => {
  for (const name of ["", ".", ".."]) {
    expect(() => urlOf(routeTable.getTaskType, { params: { name } })).toThrow(/stand in a path/);
  }
});

test("queries repeat lists, leave out what is absent, and keep empty lists telling", () => {
  const of = (query: object) => urlOf(routeTable.listTasks, { query });
  expect(of({ state: ["active", "paused"], limit: 5, key: undefined })).toBe(
    "/api/v1/tasks?state=active&state=paused&limit=5",
  );
  expect(of({ state: [] })).toBe("/api/v1/tasks?state=");
  expect(of({})).toBe("/api/v1/tasks");
});

test("each error of a route is in the table of codes, once", () => {
  for (const [id, route] of listRoutes()) {
    const errors = errorsOf(route);
    expect(new Set(errors).size, id).toBe(errors.length);
    for (const code of errors) expect(errorCodes).toHaveProperty(code);
  }
});
