/** Schemas of triggers: what is asked for, what is stored, and what became of their fire times. */

import { Type } from "typebox";
import type { OccurrenceVerdict } from "../../model/firing.ts";
import type { TaskTriggerSpec } from "../../model/task.ts";
import type { Coalesce, OverlapPolicy } from "../../policy/firing-policy.ts";
import type { OccurrenceRecord, TriggerRecord } from "../records.ts";
import type { TriggerChange, TriggerRequest } from "../scheduler.ts";
import type { ListOccurrencesQuery, OccurrencePage } from "../wire.ts";
import { pageLimit } from "./pages.ts";
import {
  count,
  durationMs,
  id,
  instant,
  instantInput,
  list,
  nullable,
  oneOfAll,
  text,
} from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** Letters of the word that says which kind of trigger it is. */
const kindLengthMax = 40;
/** The longest misfire grace, a year in milliseconds. */
const misfireGraceMsMax = 31_536_000_000;
/** More instances are a mistake in all likelihood. */
const instancesMax = 10_000;

const kindSchema = Type.String({
  description: "`adaptive`, `cron`, `interval`, `date`, `calendar`, `and` or `or`.",
  maxLength: kindLengthMax,
});

const fieldsOfRules =
  "`adaptive` follows what the runs find and has no further fields; " +
  "`cron` takes `dialect` (`aps` with `fields`, `vixie` with `expression`), `zone` and " +
  "`clockChange`; `interval` takes `everyMs` and `anchorAt`; `date` takes `at`; " +
  "`calendar` takes `every`, `unit`, `startDate`, `timeOfDay` and `zone`; `and` and `or` " +
  "take `triggers`. Repeating ones also take `startAt`, `endAt`, `jitterMs`, `jitterSeed`.";

const dailyRule = {
  kind: "cron",
  dialect: "vixie",
  expression: "0 3 * * *",
  zone: "Europe/Zurich",
  clockChange: "match",
} as const;

/**
 * A rule of any kind. Only `kind` is fixed here: each kind's own reader says what is wrong with
 * its fields, by name and reason, which no union of schemas can.
 */
export const taskTriggerSpecSchema: SchemaOf<TaskTriggerSpec> = Type.Unsafe<TaskTriggerSpec>(
  Type.Object(
    { kind: kindSchema },
    {
      title: "TaskTriggerSpec",
      description: `When a task fires. ${fieldsOfRules}`,
      examples: [
        { kind: "adaptive" },
        { kind: "interval", everyMs: 60_000 },
        dailyRule,
        { kind: "date", at: "2030-03-01T09:00:00Z" },
      ],
      additionalProperties: true,
    },
  ),
);

const coalesceWords: Readonly<Record<Coalesce, true>> = { earliest: true, latest: true, all: true };

const overlapWords: Readonly<Record<OverlapPolicy, true>> = {
  skip: true,
  "queue-one": true,
  "queue-all": true,
  "cancel-running": true,
  allow: true,
};

const coalesceSchema = oneOfAll(
  coalesceWords,
  "Which of several fire times that have passed have a run: the first, the last, or each. " +
    "By default `latest`.",
);

const overlapSchema = oneOfAll(
  overlapWords,
  "What happens to a fire time that finds `maxInstances` runs unfinished. `skip`, the default: " +
    "it has no run; `queue-one`: its run waits, unless another one does; `queue-all`: it waits " +
    "behind those that do; `cancel-running`: the oldest are asked to stop; `allow`: it runs " +
    "beside them.",
);

/** How a trigger fires, as somebody asks for it; absent fields have defaults, or stay. */
const firingProperties = {
  misfireGraceMs: Type.Optional(
    nullable(
      Type.Number({
        description:
          "By how much a run may start after its fire time; one that would start later is missed " +
          "and does not run. Null, the default, is no bound.",
        minimum: 0,
        maximum: misfireGraceMsMax,
      }),
    ),
  ),
  coalesce: Type.Optional(coalesceSchema),
  maxInstances: Type.Optional(
    Type.Integer({
      description: "Runs of this trigger that may be under way at one time; 1 by default.",
      minimum: 1,
      maximum: instancesMax,
    }),
  ),
  overlap: Type.Optional(overlapSchema),
};

/** A trigger to be stored. */
export const triggerRequestSchema: SchemaOf<TriggerRequest> = Type.Unsafe<TriggerRequest>(
  Type.Object(
    {
      kind: kindSchema,
      ...firingProperties,
      nextFireAt: Type.Optional(
        nullable(
          instantInput("The first fire time, from which the rule goes on; null adds it paused."),
        ),
      ),
    },
    {
      title: "TriggerRequest",
      description:
        "A trigger to be stored: the fields of its rule, and beside them how it fires, of which " +
        `\`adaptive\` takes only \`nextFireAt\`. ${fieldsOfRules}`,
      examples: [
        { ...dailyRule, misfireGraceMs: 3_600_000, overlap: "queue-one" },
        { kind: "interval", everyMs: 60_000, nextFireAt: null },
      ],
      additionalProperties: true,
    },
  ),
);

/** What is to change of a trigger. */
export const triggerChangeSchema: SchemaOf<TriggerChange> = schemaOf<TriggerChange>()(
  Type.Object(
    {
      spec: Type.Optional(taskTriggerSpecSchema),
      ...firingProperties,
      nextFireAt: Type.Optional(
        nullable(instantInput("The next fire time; null pauses, a time ends a pause.")),
      ),
    },
    {
      title: "TriggerChange",
      description: "What is to change of a trigger; what is absent stays.",
      additionalProperties: false,
    },
  ),
);

/** A trigger of a task. */
export const triggerRecordSchema: SchemaOf<TriggerRecord> = schemaOf<TriggerRecord>()(
  Type.Object(
    {
      id: id("Names the trigger."),
      taskId: id("The task that it fires."),
      spec: taskTriggerSpecSchema,
      description: text("Plain English."),
      nextFireAt: nullable(
        instant("Null when there is none, while paused, or while an adaptive run is outstanding."),
      ),
      previousFireAt: nullable(instant("The last fire time.")),
      intervalMs: nullable(durationMs("The present interval of an adaptive trigger.")),
      misfireGraceMs: nullable(
        durationMs("By how much a run may start after its fire time; null for no bound."),
      ),
      coalesce: coalesceSchema,
      maxInstances: count("Its runs that may be under way at one time.", 1),
      overlap: overlapSchema,
      pausedAt: nullable(instant("Since when it alone is paused; null while it is not.")),
    },
    { title: "TriggerRecord", description: "A trigger of a task.", additionalProperties: false },
  ),
);

/** What was decided of a fire time. */
export const occurrenceRecordSchema: SchemaOf<OccurrenceRecord> = schemaOf<OccurrenceRecord>()(
  Type.Object(
    {
      triggerId: id("The trigger."),
      fireAt: instant("The fire time that it yielded."),
      verdict: oneOfAll<OccurrenceVerdict>(
        { fired: true, coalesced: true, missed: true, skipped: true },
        "`fired` has a run; `coalesced` was made one with another; `missed` came later than its " +
          "grace; `skipped` was refused by a limit. One may stand for several of the same fate.",
      ),
      reason: nullable(text("Why, where the verdict does not say it all.")),
      runId: nullable(id("The run of a fired one.")),
      decidedAt: instant("When it was decided."),
    },
    {
      title: "OccurrenceRecord",
      description: "What was decided of a fire time.",
      additionalProperties: false,
    },
  ),
);

/** Occurrences of a trigger. */
export const occurrencePageSchema: SchemaOf<OccurrencePage> = schemaOf<OccurrencePage>()(
  Type.Object(
    {
      items: list(occurrenceRecordSchema, "Newest first."),
      nextBefore: nullable(text("Hand it in as `before` for earlier ones; null on the last page.")),
    },
    {
      title: "OccurrencePage",
      description: "What was decided of a trigger's fire times, newest first.",
      additionalProperties: false,
    },
  ),
);

/** Which of a trigger's fire times. */
export const listOccurrencesQuerySchema: SchemaOf<ListOccurrencesQuery> =
  schemaOf<ListOccurrencesQuery>()(
    Type.Object(
      {
        before: Type.Optional(instantInput("Only fire times earlier than this one.")),
        limit: pageLimit(50),
      },
      {
        title: "ListOccurrencesQuery",
        description: "Which of a trigger's fire times.",
        additionalProperties: false,
      },
    ),
  );
