/** Schemas of the frontier: what is imported, asked for and reported, and what is read. */

import { Type } from "typebox";
import { type VisitStatus, visitStatuses } from "../../policy/visit-cooldown.ts";
import {
  type SelectionPath,
  visitPolicies,
  type VisitPolicy,
} from "../../policy/visit-selection.ts";
import type {
  FrontierCountsRecord,
  ImportedOrigin,
  ImportOriginsRequest,
  ListedOriginRecord,
  ListerRecord,
  NextVisitsRequest,
  OriginName,
  OriginsImportedRecord,
  VisitChoiceRecord,
  VisitCooldownOptions,
  VisitExplanation,
  VisitReportRequest,
  VisitsReportedRecord,
  VisitStatsRecord,
} from "../frontier.ts";
import type { Page } from "../records.ts";
import type {
  CountOriginsQuery,
  FrontierCountsList,
  ReportVisitsBody,
  VisitStatsBody,
  VisitStatsList,
} from "../wire.ts";
import { pageOf } from "./pages.ts";
import {
  batchItemsMax,
  count,
  instant,
  instantInput,
  jsonObject,
  list,
  name,
  nullable,
  oneOf,
  oneOfAll,
  text,
} from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** Letters of a URL: what an index can hold. */
const urlLettersMax = 2_000;
/** Milliseconds of a cool-down: ten thousand days. */
const cooldownMsMax = 864_000_000_000;
/** Letters of a snapshot's id. */
const snapshotLettersMax = 128;

function url(description: string): SchemaOf<string> {
  const options = { description, minLength: 1, maxLength: urlLettersMax };
  return schemaOf<string>()(Type.String(options));
}

function cooldown(description: string): SchemaOf<number | null> {
  return schemaOf<number | null>()(
    nullable(Type.Number({ description, minimum: 0, maximum: cooldownMsMax })),
  );
}

function flag(description: string): SchemaOf<boolean> {
  return schemaOf<boolean>()(Type.Boolean({ description }));
}

const visitStatusSchema: SchemaOf<VisitStatus> = oneOf(visitStatuses, "How a visit ended.");

/**
 * A text to the validator: what is no policy has a code of its own, which the service gives.
 */
const policySchema: SchemaOf<VisitPolicy> = Type.Unsafe<VisitPolicy>(
  Type.String({
    description: `One of ${visitPolicies.join(", ")}.`,
    maxLength: 200,
    examples: [...visitPolicies],
  }),
);

const originNameProperties = {
  url: url("Where it is."),
  visitType: name("How it is visited, as in `git`."),
};

/** A lister. */
export const listerRecordSchema: SchemaOf<ListerRecord> = schemaOf<ListerRecord>()(
  Type.Object(
    {
      id: text("A UUID."),
      name: text("Unique together with `instanceName`."),
      instanceName: text("Empty for the only instance."),
      createdAt: instant("When it was made."),
      updatedAt: instant("When it changed last."),
      listingFinishedAt: nullable(instant("When it had last listed all; null if it never has.")),
    },
    { title: "ListerRecord", description: "A place of origins.", additionalProperties: false },
  ),
);

/** All listers. */
export const listerPageSchema: SchemaOf<Page<ListerRecord>> = pageOf(
  listerRecordSchema,
  "ListerPage",
);

/** An origin to be recorded. */
export const importedOriginSchema: SchemaOf<ImportedOrigin> = schemaOf<ImportedOrigin>()(
  Type.Object(
    {
      ...originNameProperties,
      loaderArguments: Type.Optional(jsonObject("What its loader needs besides.")),
      lastUpdateAt: Type.Optional(nullable(instantInput("When it changed last."))),
      isFork: Type.Optional(nullable(flag("Whether it is a fork."))),
      forkedFromUrl: Type.Optional(nullable(url("Of what it is a fork."))),
      enabled: Type.Optional(flag("Whether it is to be visited; true by default.")),
    },
    {
      title: "ImportedOrigin",
      description: "Something to be visited. What is left out is null, `{}`, or enabled.",
      additionalProperties: false,
    },
  ),
);

/** What a lister has found. */
export const importOriginsRequestSchema: SchemaOf<ImportOriginsRequest> =
  schemaOf<ImportOriginsRequest>()(
    Type.Object(
      {
        lister: Type.Object(
          {
            name: name("Its name."),
            instanceName: Type.Optional(name("Which of its instances; left out, the only one.")),
            firstVisits: Type.Optional(
              flag("Whether what it lists first is visited before its turn; as it is by default."),
            ),
          },
          { description: "Made when it is new.", additionalProperties: false },
        ),
        origins: Type.Array(importedOriginSchema, {
          description: "Of equal ones the last counts.",
          maxItems: batchItemsMax,
        }),
        finished: Type.Optional(flag("Whether that is the end of the listing.")),
      },
      {
        title: "ImportOriginsRequest",
        description: "What a lister has found.",
        additionalProperties: false,
      },
    ),
  );

/** What was imported. */
export const originsImportedRecordSchema: SchemaOf<OriginsImportedRecord> =
  schemaOf<OriginsImportedRecord>()(
    Type.Object(
      { lister: listerRecordSchema, recorded: count("Origins that are recorded.") },
      {
        title: "OriginsImportedRecord",
        description: "What was imported.",
        additionalProperties: false,
      },
    ),
  );

/** Rules that hold visits back. */
export const visitCooldownOptionsSchema: SchemaOf<VisitCooldownOptions> =
  schemaOf<VisitCooldownOptions>()(
    Type.Object(
      {
        absoluteMs: Type.Optional(cooldown("Since the origin was scheduled; 12 hours.")),
        scheduledMs: Type.Optional(cooldown("Since then, unless visited after; 7 days.")),
        failedMs: Type.Optional(cooldown("Since a visit that failed; 14 days.")),
        notFoundMs: Type.Optional(cooldown("Since a visit that found nothing; 31 days.")),
      },
      {
        title: "VisitCooldownOptions",
        description: "How long origins are left alone; null and 0 switch a rule off.",
        additionalProperties: false,
      },
    ),
  );

/** Which origins to visit next. */
export const nextVisitsRequestSchema: SchemaOf<NextVisitsRequest> = schemaOf<NextVisitsRequest>()(
  Type.Object(
    {
      visitType: name("How they are visited, as in `git`."),
      policy: policySchema,
      count: Type.Integer({
        description: "How many at most.",
        minimum: 1,
        maximum: batchItemsMax,
      }),
      enabled: Type.Optional(flag("Of enabled origins, or of the others; true by default.")),
      listerId: Type.Optional(name("Only what this lister lists; a UUID.")),
      listerName: Type.Optional(name("Only what listers of this name list.")),
      listerInstanceName: Type.Optional(name("Only what listers of this instance list.")),
      at: Type.Optional(instantInput("The time of the choice; now by default.")),
      cooldowns: Type.Optional(visitCooldownOptionsSchema),
      explain: Type.Optional(flag("Whether to say how the choice was made.")),
    },
    {
      title: "NextVisitsRequest",
      description: "Which origins to visit next.",
      additionalProperties: false,
    },
  ),
);

/** An origin. */
export const listedOriginRecordSchema: SchemaOf<ListedOriginRecord> =
  schemaOf<ListedOriginRecord>()(
    Type.Object(
      {
        listerId: text("The lister that has found it; a UUID."),
        url: text("Where it is."),
        visitType: text("How it is visited."),
        loaderArguments: jsonObject("What its loader needs besides."),
        lastUpdateAt: nullable(instant("When it changed last, as far as the lister knows.")),
        isFork: nullable(flag("Whether it is a fork; null when nobody knows.")),
        forkedFromUrl: nullable(text("Of what it is a fork.")),
        enabled: flag("Whether it is to be visited."),
        firstSeenAt: instant("When it was recorded first."),
        lastSeenAt: instant("When it was recorded last."),
      },
      {
        title: "ListedOriginRecord",
        description: "Something to be visited, as one lister found it.",
        additionalProperties: false,
      },
    ),
  );

/** How a choice was made. */
export const visitExplanationSchema: SchemaOf<VisitExplanation> = schemaOf<VisitExplanation>()(
  Type.Object(
    {
      path: oneOfAll<SelectionPath>(
        { ready: true, lister: true, all: true, disabled: true },
        "Where candidates were looked for; each is exact, the first two take milliseconds.",
      ),
      reason: text("Why that one."),
      at: instant("The time of the choice."),
      promoted: count("Origins that had just cooled down, and were made ready for it."),
    },
    {
      title: "VisitExplanation",
      description: "How a choice was made.",
      additionalProperties: false,
    },
  ),
);

/** What was chosen. */
export const visitChoiceRecordSchema: SchemaOf<VisitChoiceRecord> = schemaOf<VisitChoiceRecord>()(
  Type.Object(
    {
      origins: list(listedOriginRecordSchema, "In the order of the policy."),
      explanation: nullable(visitExplanationSchema),
    },
    { title: "VisitChoiceRecord", description: "What was chosen.", additionalProperties: false },
  ),
);

/** A visit that has ended. */
export const visitReportRequestSchema: SchemaOf<VisitReportRequest> =
  schemaOf<VisitReportRequest>()(
    Type.Object(
      {
        ...originNameProperties,
        at: instantInput("When it ended; one that is not later than the last changes nothing."),
        outcome: visitStatusSchema,
        snapshot: Type.Optional(
          nullable(
            Type.String({
              description: "Its id in hexadecimal; a success without one counts as failed.",
              maxLength: snapshotLettersMax,
            }),
          ),
        ),
      },
      {
        title: "VisitReportRequest",
        description: "A visit that has ended.",
        additionalProperties: false,
      },
    ),
  );

/** Visits that have ended. */
export const reportVisitsBodySchema: SchemaOf<ReportVisitsBody> = schemaOf<ReportVisitsBody>()(
  Type.Object(
    {
      visits: Type.Array(visitReportRequestSchema, {
        description: "In the order in which they ended.",
        maxItems: batchItemsMax,
      }),
    },
    {
      title: "ReportVisitsBody",
      description: "Visits that have ended.",
      additionalProperties: false,
    },
  ),
);

/** What came of reports. */
export const visitsReportedRecordSchema: SchemaOf<VisitsReportedRecord> =
  schemaOf<VisitsReportedRecord>()(
    Type.Object(
      {
        applied: count("Reports that were news."),
        disabled: count("Listings of origins that had failed three times in a row."),
      },
      {
        title: "VisitsReportedRecord",
        description: "What came of reports.",
        additionalProperties: false,
      },
    ),
  );

/** The name of an origin. */
export const originNameSchema: SchemaOf<OriginName> = schemaOf<OriginName>()(
  Type.Object(originNameProperties, {
    title: "OriginName",
    description: "Names an origin.",
    additionalProperties: false,
  }),
);

/** Which stats. */
export const visitStatsBodySchema: SchemaOf<VisitStatsBody> = schemaOf<VisitStatsBody>()(
  Type.Object(
    {
      origins: Type.Array(originNameSchema, {
        description: "Whose stats; they are answered in this order.",
        maxItems: batchItemsMax,
      }),
    },
    {
      title: "VisitStatsBody",
      description: "Origins whose visits are asked for.",
      additionalProperties: false,
    },
  ),
);

/** What is known of the visits of an origin. */
export const visitStatsRecordSchema: SchemaOf<VisitStatsRecord> = schemaOf<VisitStatsRecord>()(
  Type.Object(
    {
      url: text("Where it is."),
      visitType: text("How it is visited."),
      lastSuccessfulAt: nullable(instant("When a visit last succeeded.")),
      lastVisitAt: nullable(instant("When it was last visited.")),
      lastVisitStatus: nullable(visitStatusSchema),
      lastScheduledAt: nullable(instant("When it was last chosen.")),
      lastSnapshot: nullable(text("In hexadecimal.")),
      queuePosition: nullable(text("Digits of a number of 64 bits.")),
      positionOffset: Type.Integer({ description: "Grows while visits find nothing new." }),
      successiveVisits: Type.Integer({ description: "Visits in a row that ended alike." }),
    },
    {
      title: "VisitStatsRecord",
      description: "What is known of the visits of an origin.",
      additionalProperties: false,
    },
  ),
);

/** Stats of several origins. */
export const visitStatsListSchema: SchemaOf<VisitStatsList> = schemaOf<VisitStatsList>()(
  Type.Object(
    { items: list(visitStatsRecordSchema, "In the order of the request.") },
    { title: "VisitStatsList", description: "Visits of origins.", additionalProperties: false },
  ),
);

/** Which counts. */
export const countOriginsQuerySchema: SchemaOf<CountOriginsQuery> = schemaOf<CountOriginsQuery>()(
  Type.Object(
    {
      listerId: Type.Optional(name("Only of this lister; a UUID.")),
      visitType: Type.Optional(name("Only of this visit type.")),
    },
    { title: "CountOriginsQuery", description: "Which counts.", additionalProperties: false },
  ),
);

/** How many origins of a visit type a lister knows. */
export const frontierCountsRecordSchema: SchemaOf<FrontierCountsRecord> =
  schemaOf<FrontierCountsRecord>()(
    Type.Object(
      {
        listerId: text("A UUID."),
        visitType: text("How they are visited."),
        countedAt: instant("As of when."),
        known: count("All of them."),
        enabled: count("Those that are to be visited."),
        neverVisited: count("Of these, those without a snapshot."),
        withPendingChanges: count("Of these, those that changed after their last success."),
      },
      {
        title: "FrontierCountsRecord",
        description: "How many origins of a visit type a lister knows.",
        additionalProperties: false,
      },
    ),
  );

/** Counts of several listers and visit types. */
export const frontierCountsListSchema: SchemaOf<FrontierCountsList> =
  schemaOf<FrontierCountsList>()(
    Type.Object(
      { items: list(frontierCountsRecordSchema, "One for each lister and visit type.") },
      { title: "FrontierCountsList", description: "Counts.", additionalProperties: false },
    ),
  );
