/** Reads how origins are to be visited; what is absent gets its default. */

import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readNumber,
  readOneOf,
  readText,
} from "../kernel/fields.ts";
import { isRecord } from "../kernel/json.ts";
import type { FirstVisitSetting, PolicySetting, VisitSetting } from "../model/visiting.ts";
import { priorities } from "../policy/slot-shares.ts";
import { defaultCooldowns } from "../policy/visit-cooldown.ts";
import { defaultWeights, recurrentPolicies } from "../policy/visit-shares.ts";
import { readCooldowns } from "./read-frontier.ts";
import { nameLettersMax } from "./read-requests.ts";

/** What absent options mean; durations in milliseconds. */
export const visitDefaults = Object.freeze({
  queueLength: 1_000,
  refillPart: 0.05,
  pollMs: 5_000,
  idleMs: 60_000,
  firstVisits: { part: 0.5, priority: "high" } satisfies FirstVisitSetting,
});

const bounds = {
  queueLength: { min: 1, max: 100_000, whole: true },
  refillPart: { min: 0, max: 1 },
  pollMs: { min: 10, max: 3_600_000 },
  idleMs: { min: 10, max: 86_400_000 },
} as const;

const typeFields = [
  "task",
  "queueLength",
  "refillPart",
  "policies",
  "firstVisits",
  "pollMs",
  "idleMs",
];
const weightMax = 1_000_000;
/** Less would be no part. */
const partMin = 0.001;

/**
 * Reads queues of visits, by visit type.
 * @throws InvalidInputError `ORR_INPUT_INVALID` naming the field, as in `visits.git.queueLength`
 */
export function readVisits(value: unknown, field: string): readonly VisitSetting[] {
  if (!isRecord(value)) {
    throw invalidField(field, { expected: "an object of visit types", value });
  }
  const typeOf = new Map<string, string>();
  return Object.entries(value).map(([visitType, options]) => {
    const at = fieldIn(field, readText(visitType, { field, max: nameLettersMax }));
    const setting = readVisitType(visitType, { options, field: at });
    const other = typeOf.get(setting.task);
    if (other !== undefined) {
      const expected = `a task type of its own, since ${fieldIn(field, other)} has that one`;
      throw invalidField(fieldIn(at, "task"), { expected, value: setting.task });
    }
    typeOf.set(setting.task, visitType);
    return setting;
  });
}

interface Given {
  readonly options: unknown;
  readonly field: string;
}

function readVisitType(visitType: string, { options, field }: Given): VisitSetting {
  const given = readFields(options, field, typeFields);
  const read = (name: keyof typeof bounds): number =>
    ifPresent(given[name], (each) =>
      readNumber(each, { field: fieldIn(field, name), ...bounds[name] }),
    ) ?? visitDefaults[name];
  return Object.freeze({
    visitType,
    task: readText(given["task"], { field: fieldIn(field, "task"), max: nameLettersMax }),
    queueLength: read("queueLength"),
    refillPart: read("refillPart"),
    policies: readPolicies(
      given["policies"] ?? defaultWeights(visitType),
      fieldIn(field, "policies"),
    ),
    firstVisits: readFirstVisits(given["firstVisits"] ?? {}, fieldIn(field, "firstVisits")),
    pollMs: read("pollMs"),
    idleMs: read("idleMs"),
  });
}

function readPolicies(value: unknown, field: string): readonly PolicySetting[] {
  const given = readFields(value, field, recurrentPolicies);
  const policies = recurrentPolicies.flatMap((policy): readonly PolicySetting[] => {
    const options = given[policy];
    if (options === undefined) return [];
    const setting = { policy, ...readPolicy(options, fieldIn(field, policy)) };
    return setting.weight === 0 ? [] : [setting];
  });
  if (policies.length > 0) return policies;
  throw invalidField(field, { expected: "one policy at least with a weight above 0", value });
}

/** A weight, or an object with a weight and more. */
function readPolicy(value: unknown, field: string): Omit<PolicySetting, "policy"> {
  if (!isRecord(value)) {
    const weight = readNumber(value, { field, min: 0, max: weightMax });
    return { weight, cooldowns: defaultCooldowns };
  }
  const given = readFields(value, field, ["weight", "cooldowns"]);
  const rule = { field: fieldIn(field, "weight"), min: 0, max: weightMax };
  return {
    weight: readNumber(given["weight"], rule),
    cooldowns:
      ifPresent(given["cooldowns"], (each) => readCooldowns(each, fieldIn(field, "cooldowns"))) ??
      defaultCooldowns,
  };
}

function readFirstVisits(value: unknown, field: string): FirstVisitSetting | null {
  if (value === false) return null;
  const given = readFields(value, field, ["part", "priority"]);
  const part = { field: fieldIn(field, "part"), min: partMin, max: 1 };
  const priority = { field: fieldIn(field, "priority"), words: priorities };
  return {
    part:
      ifPresent(given["part"], (each) => readNumber(each, part)) ?? visitDefaults.firstVisits.part,
    priority:
      ifPresent(given["priority"], (each) => readOneOf(each, priority)) ??
      visitDefaults.firstVisits.priority,
  };
}
