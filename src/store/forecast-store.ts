/** The port of forecasts over its statements. */

import type { ForecastFilter } from "../model/forecast.ts";
import type { ForecastStore } from "../model/store.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import * as forecast from "./statements/forecast.ts";

/** Tasks of a type that are asked how long they took. */
const askedTaskMax = 5;
/** Attempts that each of them tells of. */
const attemptsOfTaskMax = 5;

/** The forecast store of a session. */
export function createForecastStore(session: Session): ForecastStore {
  const of = (filter: ForecastFilter): readonly unknown[] => [
    filter.typeName ?? null,
    filter.taskId ?? null,
  ];
  return {
    listTriggers: async (filter, { until, after, limit }) =>
      await session.query(forecast.listForecastTriggers, [
        instantParameter(until),
        instantParameter(after?.nextFireAt ?? null),
        after?.id ?? null,
        ...of(filter),
        limit,
      ]),
    listOutstanding: async (filter, limit) =>
      await session.query(forecast.listOutstandingTriggers, [...of(filter), limit]),
    listWaiting: async (filter, { from, to, limit }) =>
      await session.query(forecast.listWaitingRuns, [
        instantParameter(from),
        instantParameter(to),
        ...of(filter),
        limit,
      ]),
    countWaiting: async (filter, { from, to, limit }) =>
      await session.query(forecast.countWaitingRuns, [
        instantParameter(from),
        instantParameter(to),
        ...of(filter),
        limit,
      ]),
    learnDurations: async (typeNames, { since, limit }) =>
      await session.query(forecast.learnDurations, [typeNames, instantParameter(since), limit]),
    learnDurationsOfTasks: async (typeNames) =>
      await session.query(forecast.learnDurationsOfTasks, [
        typeNames,
        askedTaskMax,
        attemptsOfTaskMax,
      ]),
  };
}
