/**
 * Replays every recorded exchange of `swh-rpc/` over HTTP, each scenario on an empty database.
 * How an answer is compared is said in the README beside the data.
 */

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { assert } from "../../src/kernel/assert.ts";
import type { Encoding } from "../../src/compat/swh/wire/bodies.ts";
import { dialects } from "../../src/compat/swh/wire/dialects.ts";
import { readJson } from "../../src/compat/swh/wire/json-read.ts";
import { currentModels } from "../../src/compat/swh/wire/models.ts";
import { readMsgpack } from "../../src/compat/swh/wire/msgpack-read.ts";
import { tagReaders } from "../../src/compat/swh/wire/tags.ts";
import {
  isList,
  isWireObject,
  PlainTag,
  type WireObject,
  type WireValue,
} from "../../src/compat/swh/wire/wire-value.ts";
import { type RawRequest, type RawResponse, send } from "../swh/raw-request.ts";
import { openSwhRig, type SwhRig } from "../swh/rig.ts";
import { type Bindings, difference } from "./swh-compare.ts";
import { objectAt, objectsAt, plainText, readVectors, textAt, valueOf } from "./swh-rendering.ts";

const files = readdirSync(new URL("swh-rpc/", import.meta.url)).filter((name) =>
  /^(cur|seed)-.*\.json$/.test(name),
);
const scenarios = files.map((name) => ({ name, scenario: readVectors(name) }));

test("there are as many exchanges as were recorded, compared as docs/swh.md says", () => {
  const steps = scenarios.flatMap(({ scenario }) => objectsAt(scenario, "steps"));
  expect(steps).toHaveLength(357);
  const rules = Map.groupBy(steps, (step) => textAt(objectAt(step, "response"), "compare"));
  expect(Object.fromEntries([...rules].map(([rule, some]) => [rule, some.length]))).toEqual({
    exact: 303,
    error: 45,
    ties: 3,
    length: 2,
    "site-map": 2,
    contains: 1,
    "reference-defect": 1,
  });
});

describe("a recorded scenario is answered as recorded", () => {
  test.each(scenarios)("$name", async ({ scenario }) => {
    await using rig = await openSwhRig();
    const replay = new Replay(rig, dialectOf(scenario));
    const differences: string[] = [];
    for (const step of objectsAt(scenario, "steps")) {
      const found = await replay.difference(step);
      if (found !== undefined) differences.push(`${textAt(step, "id")} ${found}`);
    }
    expect(differences).toEqual([]);
    expect(rig.failures).toEqual([]);
  });
});

function dialectOf(scenario: WireObject): "current" | "seed" {
  return textAt(scenario, "dialect") === "seed" ? "seed" : "current";
}

/** Keys of every error. */
const errorKeys = ["args", "message", "module", "traceback", "type"];

class Replay {
  readonly #rig: SwhRig;
  readonly #dialect: "current" | "seed";
  readonly #bindings: Bindings = new Map();

  constructor(rig: SwhRig, dialect: "current" | "seed") {
    this.#rig = rig;
    this.#dialect = dialect;
  }

  async difference(step: WireObject): Promise<string | undefined> {
    const recorded = objectAt(step, "response");
    const response = await send(this.#requestOf(objectAt(step, "request")));
    if (response.headers["transfer-encoding"] !== undefined) return "comes in chunks";
    if (response.headers["content-length"] !== String(response.body.length)) return "has no length";
    if (response.status !== recorded["status"]) {
      return `status ${response.status}: ${Buffer.from(response.body).toString("latin1")}`;
    }
    const { "content-type": type } = objectAt(recorded, "headers");
    if (typeOf(response) !== type) return `type ${typeOf(response)}`;
    return this.#bodyDifference(step, response);
  }

  #requestOf(recorded: WireObject): RawRequest {
    const headers = Object.fromEntries(
      Object.entries(objectAt(recorded, "headers")).map(([name, value]) => [
        name,
        plainText(value),
      ]),
    );
    const url = `${this.#rig.urls[this.#dialect]}${textAt(recorded, "path")}`;
    return { method: textAt(recorded, "method"), url, headers, body: this.#bytesOf(recorded) };
  }

  /** The recorded bytes, or those of the body with what our server has made up. */
  #bytesOf(recorded: WireObject): Uint8Array {
    const bytes = Buffer.from(plainText(recorded["body_b64"] ?? ""), "base64");
    if (!JSON.stringify(recorded["body"] ?? null, bigText).includes('"$var"')) return bytes;
    const body = valueOf(recorded["body"] ?? null, {
      bound: (name) => {
        const rendering = this.#bindings.get(name);
        return rendering === undefined ? undefined : valueOf(rendering);
      },
      // As it was sent, whatever our reader would make of it.
      readTag: keepTag,
    });
    return this.#encodingOf(textAt(objectAt(recorded, "headers"), "content-type")).write(body);
  }

  #encodingOf(type: string): Encoding {
    const { msgpack, json } = dialects[this.#dialect].encodings;
    return type.startsWith("application/json") ? json : msgpack;
  }

  #bodyDifference(step: WireObject, response: RawResponse): string | undefined {
    const recorded = objectAt(step, "response");
    const compare = textAt(recorded, "compare");
    if (compare === "contains") return pageDifference(response);
    const answer = readAsIs(response);
    switch (compare) {
      case "exact":
      case "ties":
        return difference(recorded, answer, this.#bindings);
      case "length":
        return isList(answer) && answer.length === objectsAt(recorded, "body").length
          ? undefined
          : "another number of items";
      case "error":
        return errorDifference(objectAt(recorded, "body"), answer);
      case "site-map":
        return siteMapDifference(objectsAt(recorded, "body"), answer);
      case "reference-defect":
        return defectDifference(textAt(step, "note"), answer);
      default:
        return `unknown rule ${compare}`;
    }
  }
}

function bigText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function typeOf(response: RawResponse): string {
  const { "content-type": type } = response.headers;
  return typeof type === "string" ? type : "";
}

/** The value of an answer with its tags as they came, so that nothing is added to them. */
function readAsIs(response: RawResponse): WireValue {
  if (typeOf(response) === "application/x-msgpack") return readMsgpack(response.body, keepTag);
  const { json } = tagReaders(currentModels);
  return readJson(Buffer.from(response.body).toString("utf8"), (tag, data) =>
    // In msgpack these two have forms of their own.
    tag === "datetime" || tag === "bytes" ? json(tag, data) : keepTag(tag, data),
  );
}

function keepTag(tag: string, data: WireValue): WireValue {
  return new PlainTag(tag, data);
}

function pageDifference(response: RawResponse): string | undefined {
  const page = Buffer.from(response.body).toString("utf8");
  return page.includes("Software Heritage scheduler RPC server") ? undefined : `the page ${page}`;
}

function errorDifference(recorded: WireObject, answer: WireValue): string | undefined {
  assert(isWireObject(answer), "an error is a map");
  if (Object.keys(answer).toSorted().join() !== errorKeys.join()) return "is another map";
  const type = textAt(answer, "type");
  const wanted = textAt(recorded, "type");
  return type === wanted ? undefined : `is ${type}: ${textAt(answer, "message")}, not ${wanted}`;
}

/** The note names the runs that are right, by their backend ids. */
function defectDifference(note: string, answer: WireValue): string | undefined {
  const right = /correct answer: (.+)$/.exec(note)?.[1] ?? "a note that says it";
  assert(isList(answer), "runs are a list");
  const runs = answer.map((each) => (each instanceof PlainTag ? each.data : each));
  const ids = runs.filter(isWireObject).map((run) => textAt(run, "backend_id"));
  return ids.join(", ") === right ? undefined : `runs ${ids.join(", ")} instead of ${right}`;
}

function siteMapDifference(recorded: readonly WireObject[], answer: WireValue): string | undefined {
  assert(isList(answer), "a site map is a list");
  const rules = new Set(answer.filter(isWireObject).map((each) => each["rule"]));
  const missing = recorded.map((each) => textAt(each, "rule")).filter((rule) => !rules.has(rule));
  return missing.length === 0 ? undefined : `misses ${missing.join()}`;
}
