/**
 * Goal: whatever is sent to the Software Heritage RPC, the answer is a result or an error map, and
 * the server goes on. Method: every argument of every method in both dialects gets values of every
 * kind; bodies are made up, cut and changed; what the server takes for a bug of its own fails.
 */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { instantFromMillis } from "../../src/kernel/instant.ts";
import { intervalOf } from "../../src/kernel/interval.ts";
import { type DialectName, dialectNames, dialects } from "../../src/compat/swh/wire/dialects.ts";
import type { WireValue } from "../../src/compat/swh/wire/wire-value.ts";
import {
  IntervalValue,
  isWireObject,
  PlainTag,
  WireTime,
} from "../../src/compat/swh/wire/wire-value.ts";
import { Float } from "../../src/compat/swh/values.ts";
import { send } from "../swh/raw-request.ts";
import { openSwhRig, type SwhRig } from "../swh/rig.ts";

let rig: SwhRig;

beforeAll(async () => {
  rig = await openSwhRig({ rowCountMax: 1000 });
  await rig.scheduler.createTaskType({
    type: "git",
    description: "",
    backendName: "b",
    defaultInterval: intervalOf({ days: 1 }),
  });
  const task = { type: "git", arguments: {}, nextRun: instantFromMillis(0) };
  const [created] = await rig.scheduler.createTasks([task]);
  await rig.scheduler.scheduleTaskRun(created?.id ?? 0, "job");
  const lister = await rig.scheduler.getOrCreateLister({ name: "l" });
  await rig.scheduler.recordListedOrigins([{ listerId: lister.id, url: "u", visitType: "git" }]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const nested = (depth: number): WireValue => (depth === 0 ? 1 : [nested(depth - 1)]);

/** Of every kind that a body can hold, and at the bounds of each. */
const hostile: readonly WireValue[] = [
  null,
  true,
  0,
  -1,
  2 ** 40,
  2n ** 63n,
  -(2n ** 70n),
  new Float(1),
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "",
  "git",
  "bogus",
  "a\0b",
  "é".repeat(70_000),
  "job",
  "2024-01-01",
  "00000000-0000-0000-0000-000000000001",
  new Uint8Array([0, 255]),
  [],
  [1],
  [null],
  ["git"],
  [["u", "git"]],
  [{}],
  {},
  { a: 1 },
  { __proto__: null, constructor: 1 },
  new Map<WireValue, WireValue>([[1, 2]]),
  nested(400),
  new WireTime(instantFromMillis(0)),
  new WireTime(instantFromMillis(253_402_300_799_999)),
  new IntervalValue(intervalOf({ days: 999_999_999 })),
  new IntervalValue(intervalOf({ days: -1 })),
  new PlainTag("uuid", "00000000-0000-0000-0000-000000000001"),
  new PlainTag("last_visit_status", "failed"),
  new PlainTag("nothing", 1),
  [{ task_id: 1, task_run_id: -1 }],
  [{ type: "git", arguments: { args: [], kwargs: {} }, next_run: "x" }],
  new PlainTag("scheduler_model", { name: "l", instance_name: "", __type__: "Lister" }),
  [new PlainTag("scheduler_model", { url: "u", visit_type: "git", __type__: "OriginVisitStats" })],
];

/** Values that let the other arguments be read, where null does not. */
const usual: Readonly<Record<string, WireValue>> = {
  task_type_name: "git",
  tasks: [],
  policy: "oneshot",
  task_ids: [1],
  status: "eventful",
  task_type: "git",
  task_id: 1,
  backend_id: "job",
  task_runs: [],
  after_ts: "2024-01-01",
  before_ts: "2025-01-01",
  limit: 1,
  lister_ids: [],
  name: "l",
  lister: new PlainTag("scheduler_model", { name: "l", instance_name: "", __type__: "Lister" }),
  listed_origins: [],
  visit_type: "git",
  count: 1,
  origin_visit_stats: [],
  ids: [],
  position: 1,
};

interface Routed {
  readonly path: string;
  readonly isMissing?: boolean;
  readonly takes: object;
}

function routesOf(name: DialectName): readonly Routed[] {
  return Object.values<Routed>(dialects[name].methods).filter(({ isMissing }) => !isMissing);
}

function wireNames(takes: object): readonly string[] {
  return Object.entries(takes)
    .filter(([, argument]) => argument.isMissing !== true)
    .map(([key]) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

async function post(
  dialect: DialectName,
  path: string,
  body: { readonly bytes: Uint8Array; readonly type: string },
): Promise<{ readonly status: number; readonly answer: WireValue }> {
  const { msgpack } = dialects[dialect].encodings;
  const response = await send({
    method: "POST",
    url: `${rig.urls[dialect]}/${path}`,
    headers: { "content-type": body.type, accept: msgpack.mediaType },
    body: body.bytes,
  });
  expect(response.headers["content-length"]).toBe(String(response.body.length));
  return { status: response.status, answer: msgpack.read(response.body) };
}

function isErrorMap(answer: WireValue): boolean {
  return (
    isWireObject(answer) && Object.keys(answer).join() === "type,module,args,message,traceback"
  );
}

test.each(dialectNames)(
  "every argument of every method takes or refuses anything: %s",
  async (name) => {
    const { msgpack } = dialects[name].encodings;
    for (const { path, takes } of routesOf(name)) {
      const names = wireNames(takes);
      for (const wrong of names) {
        for (const value of hostile) {
          const given = Object.fromEntries(
            names.flatMap((each) => (usual[each] === undefined ? [] : [[each, usual[each]]])),
          );
          const body = {
            bytes: msgpack.write({ ...given, [wrong]: value }),
            type: msgpack.mediaType,
          };
          const { status, answer } = await post(name, path, body);
          const what = `${path} ${wrong} ${JSON.stringify(answer, plain)?.slice(0, 200)}`;
          expect([200, 400, 500], what).toContain(status);
          expect(isErrorMap(answer), what).toBe(status !== 200);
        }
      }
    }
    expect(rig.failures).toEqual([]);
  },
  240_000,
);

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

test("bodies that are made up, cut or changed are answered with error maps", async () => {
  const { msgpack, json } = dialects.current.encodings;
  const valid = { tasks: [], policy: "oneshot" };
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.nat(40).map((size) => msgpack.write(valid).subarray(0, size)),
    fc.nat(40).map((size) => json.write(valid).subarray(0, size)),
    fc.tuple(fc.nat(), fc.nat(255)).map(([place, byte]) => {
      const bytes = msgpack.write(valid);
      return Uint8Array.from(bytes, (old, index) => (index === place % bytes.length ? byte : old));
    }),
  );
  const types = fc.constantFrom(
    msgpack.mediaType,
    json.mediaType,
    "text/plain",
    "x".repeat(5_000),
    "",
  );
  await fc.assert(
    fc.asyncProperty(bodies, types, async (bytes, type) => {
      const { status, answer } = await post("current", "task/create", { bytes, type });
      expect(status === 200 ? Array.isArray(answer) : isErrorMap(answer)).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(rig.failures).toEqual([]);
});

test("bodies that claim more than they hold, or hold more than is taken, end at once", async () => {
  const { msgpack, json } = dialects.current.encodings;
  const type = msgpack.mediaType;
  const hex = (digits: string): { bytes: Uint8Array; type: string } => ({
    bytes: Buffer.from(digits, "hex"),
    type,
  });
  const refused = [
    hex("db05f5e10061"),
    hex("dd05f5e10001"),
    hex("df05f5e1000101"),
    hex("c905f5e1000100"),
    hex("91".repeat(10_000)),
    { bytes: Buffer.from("[".repeat(10_000)), type: json.mediaType },
    { bytes: Buffer.from('{"a":'.repeat(10_000)), type: json.mediaType },
  ];
  for (const body of refused) {
    const { status, answer } = await post("current", "task/create", body);
    expect(status).toBe(500);
    expect(isErrorMap(answer)).toBe(true);
  }
  const large = { bytes: new Uint8Array(33_554_433), type };
  const { status, answer } = await post("current", "task/create", large);
  expect(status).toBe(413);
  expect(answer).toMatchObject({ type: "RequestEntityTooLarge" });
  expect(await rig.scheduler.getTaskType("git")).not.toBeNull();
  expect(rig.failures).toEqual([]);
});
