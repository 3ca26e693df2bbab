/** Reads what callers ask of the frontier: shapes and bounds, with the path of what is wrong. */

import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readOneOf,
  readText,
} from "../kernel/fields.ts";
import { type Instant, parseInstant } from "../kernel/instant.ts";
import { type Interval, intervalOf } from "../kernel/interval.ts";
import { isRecord } from "../kernel/json.ts";
import { inputBytesMax, readJson } from "../kernel/json-input.ts";
import type { NewListedOrigin, OriginKey } from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";
import { readSnapshot } from "../model/visit-result.ts";
import {
  defaultCooldowns,
  type VisitCooldowns,
  type VisitStatus,
  visitStatuses,
} from "../policy/visit-cooldown.ts";
import type { EndedVisit } from "../policy/visit-outcome.ts";
import { visitPolicies, type VisitPolicy } from "../policy/visit-selection.ts";
import { nameLettersMax, requestCountMax } from "./read-requests.ts";

/** Letters of a URL: what an index can hold. */
const urlLettersMax = 2_000;
/** Milliseconds of a cool-down: ten thousand days. */
const cooldownMsMax = 864_000_000_000;

/** Which visits are wanted. */
export interface VisitRequest {
  readonly visitType: string;
  readonly policy: VisitPolicy;
  readonly count: number;
  readonly enabled: boolean;
  readonly lister: ListerRequest;
  readonly at: Instant | null;
  readonly cooldowns: VisitCooldowns;
  readonly explain: boolean;
}

/** A lister by its id, or by one or both of its names; null does not filter. */
export interface ListerRequest {
  readonly id: string | null;
  readonly name: string | null;
  readonly instanceName: string | null;
}

const visitFields = [
  "visitType",
  "policy",
  "count",
  "enabled",
  "listerId",
  "listerName",
  "listerInstanceName",
  "at",
  "cooldowns",
  "explain",
];

/** @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_POLICY` `ORR_INPUT_TOO_LARGE` */
export function readVisitRequest(value: unknown): VisitRequest {
  const fields = readFields(value, "", visitFields);
  const text = (field: string): string | null =>
    ifPresent(fields[field], (each) => readText(each, { field, max: nameLettersMax })) ?? null;
  return {
    visitType: readText(fields["visitType"], { field: "visitType", max: nameLettersMax }),
    policy: readPolicy(fields["policy"]),
    count: readNumber(fields["count"], {
      field: "count",
      min: 1,
      max: requestCountMax,
      whole: true,
    }),
    enabled: readFlag(fields["enabled"], "enabled") ?? true,
    lister: {
      id: ifPresent(fields["listerId"], (each) => readUuid(each, "listerId")) ?? null,
      name: text("listerName"),
      instanceName: text("listerInstanceName"),
    },
    at: ifPresent(fields["at"], (each) => readInstant(each, "at")) ?? null,
    cooldowns:
      ifPresent(fields["cooldowns"], (each) => readCooldowns(each, "cooldowns")) ??
      defaultCooldowns,
    explain: readFlag(fields["explain"], "explain") ?? false,
  };
}

function readPolicy(value: unknown): VisitPolicy {
  const policy = visitPolicies.find((each) => each === value);
  if (policy !== undefined) return policy;
  const expected = `one of ${visitPolicies.join(", ")}`;
  throw invalidField("policy", { expected, value, code: "ORR_INPUT_POLICY" });
}

/**
 * Reads cool-downs; those that are absent are the default ones, null and 0 switch one off.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readCooldowns(value: unknown, field: string): VisitCooldowns {
  const names = ["absoluteMs", "scheduledMs", "failedMs", "notFoundMs"];
  const fields = readFields(value, field, names);
  const read = (name: string, standard: Interval | null): Interval | null => {
    const given = fields[name];
    if (given === undefined) return standard;
    if (given === null) return null;
    const rule = { field: fieldIn(field, name), min: 0, max: cooldownMsMax };
    return intervalOf({ milliseconds: readNumber(given, rule) });
  };
  return {
    absolute: read("absoluteMs", defaultCooldowns.absolute),
    scheduled: read("scheduledMs", defaultCooldowns.scheduled),
    failed: read("failedMs", defaultCooldowns.failed),
    notFound: read("notFoundMs", defaultCooldowns.notFound),
  };
}

/** What a lister has found. */
export interface ImportRequest {
  readonly name: string;
  readonly instanceName: string;
  /** Null leaves it as it is. */
  readonly firstVisits: boolean | null;
  readonly origins: readonly Omit<NewListedOrigin, "listerId">[];
  /** Whether that is the end of the listing. */
  readonly finished: boolean;
}

/** @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readImportRequest(value: unknown): ImportRequest {
  const fields = readFields(value, "", ["lister", "origins", "finished"]);
  const lister = readFields(fields["lister"], "lister", ["name", "instanceName", "firstVisits"]);
  const list = readList(fields["origins"], { field: "origins", max: requestCountMax });
  const origins = list.map((each, index) => readOrigin(each, fieldIn("origins", index)));
  return {
    name: readText(lister["name"], { field: "lister.name", max: nameLettersMax }),
    instanceName:
      ifPresent(lister["instanceName"], (each) =>
        readText(each, { field: "lister.instanceName", max: nameLettersMax }),
      ) ?? "",
    firstVisits: readFlag(lister["firstVisits"], "lister.firstVisits") ?? null,
    // Of equal ones the last, at the place of the first.
    origins: [...new Map(origins.map((each) => [originKeyText(each), each])).values()],
    finished: readFlag(fields["finished"], "finished") ?? false,
  };
}

const originFields = [
  "url",
  "visitType",
  "loaderArguments",
  "lastUpdateAt",
  "isFork",
  "forkedFromUrl",
  "enabled",
];

function readOrigin(value: unknown, field: string): Omit<NewListedOrigin, "listerId"> {
  const fields = readFields(value, field, originFields);
  const at = (name: string): string => fieldIn(field, name);
  const given = fields["loaderArguments"] ?? {};
  if (!isRecord(given)) {
    throw invalidField(at("loaderArguments"), { expected: "an object", value: given });
  }
  const rule = { field: at("loaderArguments"), bytesMax: inputBytesMax };
  return {
    ...readOriginName(fields, field),
    loaderArgumentsJson: JSON.stringify(readJson(given, rule)),
    lastUpdateAt: orNull(fields["lastUpdateAt"], (each) => readInstant(each, at("lastUpdateAt"))),
    isFork: orNull(fields["isFork"], (each) => readFlag(each, at("isFork")) ?? null),
    forkedFromUrl: orNull(fields["forkedFromUrl"], (each) =>
      readText(each, { field: at("forkedFromUrl"), max: urlLettersMax }),
    ),
    enabled: readFlag(fields["enabled"], at("enabled")) ?? true,
  };
}

/** @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readOriginKeys(value: unknown): readonly OriginKey[] {
  return readList(value, { field: "origins", max: requestCountMax }).map((each, index) => {
    const field = fieldIn("origins", index);
    return readOriginName(readFields(each, field, ["url", "visitType"]), field);
  });
}

function readOriginName(fields: Readonly<Record<string, unknown>>, field: string): OriginKey {
  return {
    url: readText(fields["url"], { field: fieldIn(field, "url"), max: urlLettersMax }),
    visitType: readText(fields["visitType"], {
      field: fieldIn(field, "visitType"),
      max: nameLettersMax,
    }),
  };
}

/** A visit of an origin. */
export interface VisitReport extends OriginKey {
  readonly visit: EndedVisit;
}

/** @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readVisitReports(value: unknown): readonly VisitReport[] {
  return readList(value, { field: "visits", max: requestCountMax }).map((each, index) => {
    const field = fieldIn("visits", index);
    const fields = readFields(each, field, ["url", "visitType", "at", "outcome", "snapshot"]);
    const outcome: VisitStatus = readOneOf(fields["outcome"], {
      field: fieldIn(field, "outcome"),
      words: visitStatuses,
    });
    return {
      ...readOriginName(fields, field),
      visit: {
        at: readInstant(fields["at"], fieldIn(field, "at")),
        outcome,
        snapshot: orNull(fields["snapshot"], (bytes) =>
          readSnapshot(bytes, fieldIn(field, "snapshot")),
        ),
      },
    };
  });
}

/** @throws InvalidInputError `ORR_INPUT_INVALID` */
export function readUuid(value: unknown, field: string): string {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  if (typeof value === "string" && form.test(value)) return value.toLowerCase();
  throw invalidField(field, { expected: "a UUID", value });
}

function readInstant(value: unknown, field: string): Instant {
  if (typeof value !== "string") throw invalidField(field, { expected: "an RFC 3339 time", value });
  return parseInstant(value, field);
}

function readFlag(value: unknown, field: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidField(field, { expected: "true or false", value });
}

/** Null and nothing are the same here. */
function orNull<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value);
}
