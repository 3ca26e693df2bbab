import { expect, test } from "vitest";

import { createOpenApiDocument } from "../api/openapi.ts";
import { listRoutes } from "../api/routes.ts";
import { renderReferencePage } from "./reference-page.ts";

const document = createOpenApiDocument({ version: "<1>" });
const page = renderReferencePage(document, { tokenNeeded: false });

test("the page shows every operation and every schema", () => {
  for (const [id, route] of listRoutes()) {
    expect(page).toContain(`<details id="${id}">`);
    expect(page).toContain(route.summary.replaceAll("'", "&#39;"));
  }
  expect(page).toContain('<details id="TaskDetailRecord">');
  expect(page).toContain("<title>Orrery API</title>");
});

test("every link inside the page leads somewhere", () => {
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
  expect(targets.length).toBeGreaterThan(50);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
});

test("nothing on the page comes from elsewhere, stands inline, or is left unescaped", () => {
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(page).not.toMatch(/<style|<script>|\son\w+=|\sstyle=/);
  expect(page).toContain("Version &lt;1&gt;");
});

test("the lines for curl carry a token exactly where one is needed", () => {
  expect(page).not.toContain("ORRERY_TOKEN");
  const guarded = renderReferencePage(document, { tokenNeeded: true });
  const lines = guarded.match(/<code>curl [^<]*/g) ?? [];
  expect(lines).toHaveLength(listRoutes().length);
  expect(lines.every((line) => line.includes("Bearer $ORRERY_TOKEN"))).toBe(true);
});
