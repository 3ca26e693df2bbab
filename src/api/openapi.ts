/**
 * The OpenAPI 3.1 document, made from the route table and the schemas that validate. A schema with
 * a title of the registry is written once, under `components`, and referred to elsewhere.
 */

import { type ErrorCode, errorCodes } from "../kernel/error-codes.ts";
import { isRecord, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { apiPrefix, errorsOf, listRoutes, type OperationId, type Route } from "./routes.ts";
import { schemas } from "./schemas/registry.ts";
import type { SchemaName } from "./wire.ts";

/** The document for a server of this version, as plain JSON. */
export function createOpenApiDocument({ version }: { readonly version: string }): JsonObject {
  return {
    openapi: "3.1.0",
    info: {
      title: "Orrery API",
      version,
      description:
        "Schedules tasks and runs them durably. Instants are RFC 3339 in UTC with six digits, " +
        "durations milliseconds, ids whole numbers. Every error has one form: `ErrorRecord`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: apiPrefix }],
    security: [{ token: [] }, {}],
    tags: [...new Set(listRoutes().map(([, route]) => route.tag))].map((tag) => ({ name: tag })),
    paths: pathsOf(),
    components: {
      schemas: Object.fromEntries(
        componentNames().map((name) => [name, referring(schemas[name], { top: true })]),
      ),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description:
            "An API token; roles viewer, operator and admin. A server that listens on loopback " +
            "only may not ask for one.",
        },
      },
    },
  };
}

function pathsOf(): JsonObject {
  const paths: Record<string, Record<string, JsonValue>> = {};
  for (const [operationId, route] of listRoutes()) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(operationId, route);
  }
  return paths;
}

function operationOf(operationId: OperationId, route: Route): JsonObject {
  return {
    operationId,
    tags: [route.tag],
    summary: route.summary,
    description: `Needs the role ${route.role}, where tokens are needed.`,
    parameters: [
      ...parametersOf(route.params, "path"),
      ...parametersOf(route.query, "query"),
      ...(route.answers === "events" ? [lastEventId] : []),
    ],
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body) }),
    responses: responsesOf(route),
  };
}

/** Bodies to start from; those that may be empty need none. */
const bodyExamples: { readonly [Name in SchemaName]?: JsonObject } = {
  CreateTaskRequest: {
    type: "checkSelf",
    key: "check-self",
    triggers: [{ kind: "interval", everyMs: 60_000 }],
  },
  CreateTasksBody: { tasks: [{ type: "summarise", priority: "high" }] },
  AddNodesBody: { nodes: [{ name: "part 1", type: "summarise" }], before: ["join"] },
  CreateTokenRequest: { name: "ci", role: "viewer", expiresInDays: 90 },
  TriggerRequest: {
    kind: "cron",
    dialect: "vixie",
    expression: "0 3 * * *",
    zone: "Europe/Zurich",
    misfireGraceMs: 3_600_000,
    overlap: "queue-one",
  },
  TriggerChange: { misfireGraceMs: null, overlap: "skip" },
  SubmitGraphRequest: {
    name: "nightly",
    nodes: [
      { name: "fetch", type: "importOrigins" },
      { name: "report", type: "summarise", requires: ["fetch"] },
    ],
  },
  EnqueueBody: { runs: [{ type: "summarise", input: {} }] },
  ImportOriginsRequest: {
    lister: { name: "forge", instanceName: "git.example.org" },
    origins: [{ url: "https://git.example.org/a.git", visitType: "git" }],
    finished: true,
  },
  NextVisitsRequest: {
    visitType: "git",
    policy: "already-visited-by-lag",
    count: 100,
    cooldowns: { absoluteMs: 3_600_000 },
  },
  ReportVisitsBody: {
    visits: [
      {
        url: "https://git.example.org/a.git",
        visitType: "git",
        at: "2030-01-01T09:00:00Z",
        outcome: "successful",
        snapshot: "5b36e57aeea2fce0b1ab1ba7f9bd1ba7f0a4b6d1",
      },
    ],
  },
  VisitStatsBody: { origins: [{ url: "https://git.example.org/a.git", visitType: "git" }] },
};

/** Where a stream of events goes on after a lost connection. */
const lastEventId: JsonObject = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The id of the last event seen: the stream goes on after it.",
  schema: { type: "string" },
};

function parametersOf(name: SchemaName | undefined, place: "path" | "query"): JsonValue[] {
  if (name === undefined) return [];
  const schema = plain(schemas[name]);
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required: unknown = schema["required"];
  return Object.entries(properties).map(([key, property]) => {
    const { description, ...rest } = plain(property);
    return {
      name: key,
      in: place,
      required: Array.isArray(required) && required.includes(key),
      ...(description === undefined ? {} : { description }),
      schema: referring(rest, { top: false }),
    };
  });
}

function bodyOf(name: SchemaName): JsonObject {
  const schema = plain(schemas[name]);
  const required: unknown = schema["required"];
  const example = bodyExamples[name] ?? {};
  return {
    required: Array.isArray(required) && required.length > 0,
    content: { "application/json": { schema: referenceTo(name), example } },
  };
}

function responsesOf(route: Route): JsonObject {
  const media = route.answers === "events" ? "text/event-stream" : "application/json";
  const success: JsonObject =
    route.response === undefined
      ? { description: "Done." }
      : {
          description:
            route.answers === "events"
              ? "Events whose data have this form; the last one is called `end`."
              : "Done.",
          content: { [media]: { schema: referenceTo(route.response) } },
        };
  return { [String(route.status)]: success, ...errorResponsesOf(errorsOf(route)) };
}

function errorResponsesOf(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(errorCodes[code].httpStatus);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${errorCodes[code].meaning}`).join(" "),
        content: { "application/json": { schema: referenceTo("ErrorRecord") } },
      },
    ]),
  );
}

/** Every schema but those that only stand for parameters. */
function componentNames(): readonly SchemaName[] {
  const spread = new Set(listRoutes().flatMap(([, route]) => [route.params, route.query]));
  return Object.keys(schemas)
    .filter(isSchemaName)
    .filter((name) => !spread.has(name));
}

function isSchemaName(name: unknown): name is SchemaName {
  return typeof name === "string" && Object.hasOwn(schemas, name);
}

function referenceTo(name: SchemaName): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema with its named parts replaced by references, all but itself when it is the `top`. */
function referring(schema: unknown, { top }: { readonly top: boolean }): JsonValue {
  if (Array.isArray(schema)) return schema.map((item) => referring(item, { top: false }));
  if (!isRecord(schema)) return plainLeaf(schema);
  if (!top && isSchemaName(schema["title"])) return referenceTo(schema["title"]);
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, referring(value, { top: false })]),
  );
}

function plain(schema: unknown): JsonObject {
  const copy = referring(schema, { top: true });
  return isRecord(copy) ? copy : {};
}

function plainLeaf(value: unknown): JsonValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;
}
