/** The methods about listers, origins, visits and metrics. */

import type { Instant } from "../../../kernel/instant.ts";
import { type Interval, intervalOf } from "../../../kernel/interval.ts";
import type {
  ListedOrigin,
  Lister,
  ListerUpdate,
  NewListedOrigin,
  NewOriginVisitStats,
  OriginVisitStats,
  SchedulerMetrics,
} from "../records.ts";
import type { ListedOriginPage, OriginPageToken } from "../scheduler.ts";
import type { Integer } from "../values.ts";
import * as kinds from "./kinds.ts";
import { type Argument, defaulted, type Method, method, optional, required } from "./method.ts";
import { listerModel } from "./models.ts";
import { pageToken, type RecordKinds, through } from "./record-kinds.ts";
import { isWireObject, setMember, type WireValue } from "./wire-value.ts";

interface ListerGiven {
  readonly name: string;
  readonly instanceName: string | null;
}

/** Arguments of the choice of visits. */
export interface GrabGiven {
  readonly visitType: string;
  readonly count: Integer | null;
  readonly policy: string;
  readonly enabled: boolean;
  readonly listerUuid: string | null;
  readonly listerName: string | null;
  readonly listerInstanceName: string | null;
  readonly timestamp: Instant | null;
  readonly absoluteCooldown: Interval | null;
  readonly scheduledCooldown: Interval | null;
  readonly failedCooldown: Interval | null;
  readonly notFoundCooldown: Interval | null;
  readonly tablesample: number | null;
  readonly dryRun: boolean;
}

/** Arguments of the pages of origins. */
export interface OriginsGiven {
  readonly listerId: string | null;
  readonly url: string | null;
  readonly urls: readonly string[] | null;
  readonly enabled: boolean | null;
  readonly limit: Integer;
  readonly pageToken: OriginPageToken | null;
}

/** The methods of this half. */
export interface FrontierMethods {
  readonly getListers: Method<{ readonly withFirstVisitsToSchedule: boolean }, readonly Lister[]>;
  readonly getListersById: Method<{ readonly listerIds: readonly string[] }, readonly Lister[]>;
  readonly getLister: Method<ListerGiven, Lister | null>;
  readonly getOrCreateLister: Method<
    ListerGiven & { readonly firstVisitsQueuePrefix: string | null },
    Lister
  >;
  readonly updateLister: Method<{ readonly lister: ListerUpdate }, Lister>;
  readonly recordListedOrigins: Method<
    { readonly listedOrigins: readonly NewListedOrigin[] },
    readonly ListedOrigin[]
  >;
  readonly getListedOrigins: Method<OriginsGiven, ListedOriginPage>;
  readonly getVisitTypesForListedOrigins: Method<
    { readonly lister: { readonly id: string } },
    readonly string[]
  >;
  readonly grabNextVisits: Method<GrabGiven, readonly ListedOrigin[]>;
  readonly originVisitStatsUpsert: Method<
    { readonly originVisitStats: readonly NewOriginVisitStats[] },
    void
  >;
  readonly originVisitStatsGet: Method<
    { readonly ids: readonly (readonly [string, string])[] },
    readonly OriginVisitStats[]
  >;
  readonly visitSchedulerQueuePositionGet: Method<object, ReadonlyMap<string, Integer>>;
  readonly visitSchedulerQueuePositionSet: Method<
    { readonly visitType: string; readonly position: Integer },
    void
  >;
  readonly updateMetrics: Method<
    { readonly listerId: string | null; readonly timestamp: Instant | null },
    readonly SchedulerMetrics[]
  >;
  readonly getMetrics: Method<
    { readonly listerId: string | null; readonly visitType: string | null },
    readonly SchedulerMetrics[]
  >;
}

function cooldown(parts: Parameters<typeof intervalOf>[0]): Argument<Interval | null> {
  return { kind: kinds.nullable(kinds.interval), absent: () => intervalOf(parts) };
}

/** The methods of a dialect with such records. */
export function frontierMethods(records: RecordKinds): FrontierMethods {
  return { ...listerMethods(records), ...originMethods(records), ...visitMethods(records) };
}

function listerMethods(
  records: RecordKinds,
): Pick<
  FrontierMethods,
  "getListers" | "getListersById" | "getLister" | "getOrCreateLister" | "updateLister"
> {
  const named = { name: required(kinds.text), instanceName: optional(kinds.text) };
  return {
    getListers: method({
      path: "listers/get",
      takes: { withFirstVisitsToSchedule: defaulted(kinds.boolean, false) },
      result: kinds.list(records.lister),
      invoke: (scheduler, filter) => scheduler.getListers(filter),
    }),
    getListersById: method({
      path: "listers/get_by_id",
      takes: { listerIds: required(kinds.list(kinds.uuidText)) },
      result: kinds.list(records.lister),
      invoke: (scheduler, { listerIds }) => scheduler.getListersById(listerIds),
    }),
    getLister: method({
      path: "lister/get",
      takes: named,
      result: kinds.nullable(records.lister),
      invoke: (scheduler, name) => scheduler.getLister(name),
    }),
    getOrCreateLister: method({
      path: "lister/get_or_create",
      takes: { ...named, firstVisitsQueuePrefix: optional(kinds.text) },
      result: records.lister,
      invoke: (scheduler, name) => scheduler.getOrCreateLister(name),
    }),
    updateLister: method({
      path: "lister/update",
      takes: { lister: required(records.listerUpdate) },
      result: records.lister,
      invoke: (scheduler, { lister }) => scheduler.updateLister(lister),
    }),
  };
}

/** A lister of which only the id counts; one that is not stored has the id of nobody. */
const anyLister: kinds.Kind<{ readonly id: string }> = through(listerModel.kind, {
  read: ({ id }) => ({ id: id ?? "00000000-0000-0000-0000-000000000000" }),
  write: ({ id }) => listerModel.complete({ name: "", instanceName: "", id }),
});

function originMethods(
  records: RecordKinds,
): Pick<
  FrontierMethods,
  "recordListedOrigins" | "getListedOrigins" | "getVisitTypesForListedOrigins"
> {
  return {
    recordListedOrigins: method({
      path: "origins/record",
      takes: { listedOrigins: required(kinds.list(records.newListedOrigin)) },
      result: kinds.list(records.listedOrigin),
      invoke: (scheduler, { listedOrigins }) => scheduler.recordListedOrigins(listedOrigins),
    }),
    getListedOrigins: method({
      path: "origins/get",
      takes: {
        listerId: optional(kinds.looseUuid),
        url: optional(kinds.text),
        urls: optional(kinds.list(kinds.text)),
        enabled: { kind: kinds.nullable(kinds.boolean), absent: () => true },
        limit: defaulted<Integer>(kinds.integer, 1000),
        pageToken: optional(pageToken),
      },
      result: records.originPage,
      invoke: (scheduler, filter) => scheduler.getListedOrigins(filter),
    }),
    getVisitTypesForListedOrigins: method({
      path: "lister/visit_types",
      takes: { lister: required(anyLister) },
      result: kinds.list(kinds.text),
      invoke: (scheduler, { lister }) => scheduler.getVisitTypesForListedOrigins(lister),
    }),
  };
}

const positions: kinds.Kind<ReadonlyMap<string, Integer>> = {
  decode: (value, place) => {
    if (!isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
    return new Map(
      Object.entries(value).map(([type, position]) => [
        type,
        kinds.integer.decode(position, place),
      ]),
    );
  },
  encode: (byType) => {
    const object: Record<string, WireValue> = {};
    for (const [type, position] of byType) setMember<WireValue>(object, type, position);
    return object;
  },
};

const originKey: kinds.Kind<readonly [string, string]> = {
  decode: (value, place) => {
    const [url, visitType, ...more] = kinds.list(kinds.text).decode(value, place);
    if (url !== undefined && visitType !== undefined && more.length === 0) return [url, visitType];
    throw kinds.wrongKind(place, "a url and a visit type", value);
  },
  encode: (key) => key,
};

function visitMethods(
  records: RecordKinds,
): Pick<
  FrontierMethods,
  | "grabNextVisits"
  | "originVisitStatsUpsert"
  | "originVisitStatsGet"
  | "visitSchedulerQueuePositionGet"
  | "visitSchedulerQueuePositionSet"
  | "updateMetrics"
  | "getMetrics"
> {
  return {
    grabNextVisits: method({
      path: "origins/grab_next",
      takes: {
        visitType: required(kinds.text),
        count: required(kinds.nullable(kinds.integer)),
        policy: required(kinds.text),
        enabled: defaulted(kinds.boolean, true),
        listerUuid: optional(kinds.unlessEmpty(kinds.uuidText)),
        listerName: optional(kinds.text),
        listerInstanceName: optional(kinds.text),
        timestamp: optional(kinds.looseTime),
        absoluteCooldown: cooldown({ hours: 12 }),
        scheduledCooldown: cooldown({ days: 7 }),
        failedCooldown: cooldown({ days: 14 }),
        notFoundCooldown: cooldown({ days: 31 }),
        tablesample: optional(kinds.real),
        dryRun: defaulted(kinds.boolean, false),
      },
      result: kinds.list(records.listedOrigin),
      invoke: (scheduler, request) => scheduler.grabNextVisits(request),
    }),
    originVisitStatsUpsert: method({
      path: "visit_stats/upsert",
      takes: { originVisitStats: required(kinds.list(records.newVisitStats)) },
      result: kinds.nothing,
      invoke: (scheduler, { originVisitStats }) =>
        scheduler.originVisitStatsUpsert(originVisitStats),
    }),
    originVisitStatsGet: method({
      path: "visit_stats/get",
      takes: { ids: required(kinds.list(originKey)) },
      result: kinds.list(records.visitStats),
      invoke: (scheduler, { ids }) => scheduler.originVisitStatsGet(ids),
    }),
    ...positionMethods,
    ...metricsMethods(records),
  };
}

const positionMethods: Pick<
  FrontierMethods,
  "visitSchedulerQueuePositionGet" | "visitSchedulerQueuePositionSet"
> = {
  visitSchedulerQueuePositionGet: method({
    path: "visit_scheduler/get",
    takes: {},
    result: positions,
    invoke: (scheduler) => scheduler.visitSchedulerQueuePositionGet(),
  }),
  visitSchedulerQueuePositionSet: method({
    path: "visit_scheduler/set",
    takes: { visitType: required(kinds.text), position: required(kinds.integer) },
    result: kinds.nothing,
    invoke: (scheduler, { visitType, position }) =>
      scheduler.visitSchedulerQueuePositionSet(visitType, position),
  }),
};

function metricsMethods(
  records: RecordKinds,
): Pick<FrontierMethods, "updateMetrics" | "getMetrics"> {
  return {
    updateMetrics: method({
      path: "scheduler_metrics/update",
      takes: { listerId: optional(kinds.looseUuid), timestamp: optional(kinds.looseTime) },
      result: kinds.list(records.metrics),
      invoke: (scheduler, update) => scheduler.updateMetrics(update),
    }),
    getMetrics: method({
      path: "scheduler_metrics/get",
      takes: {
        listerId: optional(kinds.unlessEmpty(kinds.looseUuid)),
        visitType: optional(kinds.text),
      },
      result: kinds.list(records.metrics),
      invoke: (scheduler, filter) => scheduler.getMetrics(filter),
    }),
  };
}
