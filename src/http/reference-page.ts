/**
 * The page to read the API by: every operation with its parameters, answers and a line for curl,
 * every schema with its members. Made from the OpenAPI document alone, readable without script.
 */

import { apiPrefix } from "../api/routes.ts";
import { isRecord, type JsonObject, type JsonValue } from "../kernel/json.ts";

/** What the examples show. */
export interface ReferencePageOptions {
  readonly tokenNeeded: boolean;
}

/** The page as HTML. */
export function renderReferencePage(document: JsonObject, options: ReferencePageOptions): string {
  const info = member(document, "info");
  const paths = Object.entries(member(document, "paths")).flatMap(([path, methods]) =>
    Object.entries(record(methods)).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation: record(operation),
    })),
  );
  const tags = list(document["tags"]).map((tag) => text(record(tag)["name"]));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orrery API</title>
<link rel="stylesheet" href="${apiPrefix}/reference.css">
<link rel="icon" href="data:,">
<script src="${apiPrefix}/reference.js" defer></script>
</head>
<body>
<header>
<h1>Orrery API</h1>
<p>Version ${escape(text(info["version"]))} ·
<a href="${apiPrefix}/openapi.json">openapi.json</a></p>
<p>${escape(text(info["description"]))}</p>
</header>
<main>
${tags.map((tag) => section(tag, paths, options)).join("\n")}
<h2 id="schemas">Schemas</h2>
${Object.entries(member(member(document, "components"), "schemas"))
  .map(([name, schema]) => schemaEntry(name, record(schema)))
  .join("\n")}
</main>
</body>
</html>
`;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

function section(
  tag: string,
  operations: readonly Operation[],
  options: ReferencePageOptions,
): string {
  const own = operations.filter(({ operation }) => list(operation["tags"]).includes(tag));
  const title = tag.charAt(0).toUpperCase() + tag.slice(1);
  return `<h2>${escape(title)}</h2>\n${own.map((each) => entry(each, options)).join("\n")}`;
}

function entry({ path, method, operation }: Operation, options: ReferencePageOptions): string {
  const parameters = list(operation["parameters"]).map(record);
  const body = member(operation, "requestBody");
  const media = member(member(body, "content"), "application/json");
  const curl = curlLine({ path, method, example: media["example"], ...options });
  return `<details id="${escape(text(operation["operationId"]))}">
<summary><span class="method">${method}</span><code>${escape(apiPrefix + path)}</code>
${escape(text(operation["summary"]))}</summary>
<div>
<p>${escape(text(operation["description"]))}</p>
<div class="curl"><pre><code>${escape(curl)}</code></pre>
<button type="button" class="copy">Copy</button></div>
${parameters.length === 0 ? "" : parameterTable(parameters)}
${media["schema"] === undefined ? "" : `<p>Body: ${typeText(record(media["schema"]))}</p>`}
${answerTable(member(operation, "responses"))}
</div>
</details>`;
}

function curlLine(call: {
  readonly path: string;
  readonly method: string;
  readonly example: JsonValue | undefined;
  readonly tokenNeeded: boolean;
}): string {
  const path = call.path.replaceAll("{name}", "checkSelf").replace(/\{\w*id\}/gi, "1");
  const isStream = path.endsWith("/events") || path.endsWith("/stream");
  return [
    "curl",
    ...(isStream ? ["-N"] : []),
    ...(call.method === "GET" ? [] : ["-X", call.method]),
    ...(call.tokenNeeded ? ['-H "authorization: Bearer $ORRERY_TOKEN"'] : []),
    ...(call.example === undefined ? [] : ["-H 'content-type: application/json'"]),
    ...(call.example === undefined ? [] : [`-d '${JSON.stringify(call.example)}'`]),
    `"$ORRERY_SERVER${apiPrefix}${path}"`,
  ].join(" ");
}

function parameterTable(parameters: readonly JsonObject[]): string {
  const rows = parameters.map((each) => [
    `<code>${escape(text(each["name"]))}</code>`,
    `${escape(text(each["in"]))}${each["required"] === true ? ", required" : ""}`,
    typeText(record(each["schema"])),
    escape(text(each["description"])),
  ]);
  return table(["Parameter", "In", "Type", "Meaning"], rows);
}

function answerTable(responses: JsonObject): string {
  const rows = Object.entries(responses).map(([status, each]) => {
    const [media] = Object.entries(member(record(each), "content"));
    const schema = record(record(media?.[1])["schema"]);
    return [escape(status), typeText(schema), escape(text(record(each)["description"]))];
  });
  return table(["Status", "Answer", "Meaning"], rows);
}

function schemaEntry(name: string, schema: JsonObject): string {
  const required = list(schema["required"]);
  const rows = Object.entries(member(schema, "properties")).map(([key, property]) => [
    `<code>${escape(key)}</code>${required.includes(key) ? "" : " (optional)"}`,
    typeText(record(property)),
    escape(text(record(property)["description"])),
  ]);
  return `<details id="${escape(name)}">
<summary><code>${escape(name)}</code></summary>
<div><p>${escape(text(schema["description"]))}</p>
${rows.length === 0 ? "" : table(["Member", "Type", "Meaning"], rows)}</div>
</details>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((each) => `<th scope="col">${each}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

/** A schema in a few words, as HTML. */
function typeText(schema: JsonObject): string {
  const reference = /^#\/components\/schemas\/(\w+)$/.exec(text(schema["$ref"]))?.[1];
  if (reference !== undefined) return `<a href="#${reference}">${reference}</a>`;
  const choices = list(schema["enum"]).map((each) => `<code>${escape(text(each))}</code>`);
  if (choices.length > 10) return "a word of a long list";
  if (choices.length > 0) return choices.join(" ");
  const union = list(schema["anyOf"]).map((each) => typeText(record(each)));
  if (union.length > 0) return union.join(" or ");
  if (schema["type"] === "array") return `list of ${typeText(record(schema["items"]))}`;
  return `${escape(text(schema["type"] ?? "any JSON"))}${escape(boundsText(schema))}`;
}

function boundsText(schema: JsonObject): string {
  const { minimum, maximum, maxLength, format } = schema;
  const parts = [
    ...(minimum === undefined ? [] : [`from ${text(minimum)}`]),
    ...(maximum === undefined ? [] : [`to ${text(maximum)}`]),
    ...(maxLength === undefined ? [] : [`at most ${text(maxLength)} letters`]),
    ...(format === undefined ? [] : [text(format)]),
  ];
  return parts.length === 0 ? "" : `, ${parts.join(" ")}`;
}

function member(object: JsonObject, key: string): JsonObject {
  return record(object[key]);
}

function record(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return isRecord(value);
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : [];
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function text(value: JsonValue | undefined): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(raw: string): string {
  return raw.replace(/[&<>"']/g, (letter) => entities[letter] ?? "");
}
