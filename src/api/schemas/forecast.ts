/** Schemas of the forecast. */

import { Type } from "typebox";
import type { ForecastSource } from "../../model/forecast.ts";
import type {
  ForecastHourRecord,
  ForecastOccurrenceRecord,
  ForecastRecord,
  ForecastTypeRecord,
} from "../records.ts";
import type { ForecastQuery } from "../wire.ts";
import { pageLimit } from "./pages.ts";
import { count, id, instant, instantInput, list, name, nullable, oneOfAll, text } from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** The longest forecast, in hours: 31 days. */
const hoursMax = 744;

/** Work of many runs together, which no bound of one policy holds for. */
function workMs(description: string): SchemaOf<number> {
  return schemaOf<number>()(Type.Number({ description, minimum: 0 }));
}

/** One run that is expected. */
export const forecastOccurrenceRecordSchema: SchemaOf<ForecastOccurrenceRecord> =
  schemaOf<ForecastOccurrenceRecord>()(
    Type.Object(
      {
        at: instant("When it is due."),
        source: oneOfAll<ForecastSource>(
          { calendar: true, adaptive: true, queued: true },
          "A calendar trigger, an adaptive one, or the queue, where it waits already.",
        ),
        type: text("Name of the task type."),
        taskId: nullable(id("Its task; null for runs without one.")),
        triggerId: nullable(id("The trigger that fires.")),
        runId: nullable(id("The run, where it is on the queue already.")),
      },
      {
        title: "ForecastOccurrenceRecord",
        description: "One run that is expected.",
        additionalProperties: false,
      },
    ),
  );

/** How many runs an hour brings. */
export const forecastHourRecordSchema: SchemaOf<ForecastHourRecord> =
  schemaOf<ForecastHourRecord>()(
    Type.Object(
      {
        at: instant("Its beginning; hours are those of UTC."),
        count: count("Runs that are due in it."),
        busyMs: workMs("What they take together, as far as durations are known."),
      },
      {
        title: "ForecastHourRecord",
        description: "How many runs an hour brings.",
        additionalProperties: false,
      },
    ),
  );

/** How many runs of a type are expected. */
export const forecastTypeRecordSchema: SchemaOf<ForecastTypeRecord> =
  schemaOf<ForecastTypeRecord>()(
    Type.Object(
      {
        type: text("Name of the task type."),
        count: count("Runs that are due in the span."),
        durationMs: nullable(
          workMs("What one takes: the median of recent attempts; null while there are none."),
        ),
        busyMs: workMs("What they take together."),
        pausedAt: nullable(instant("When the type was paused; its runs wait until it goes on.")),
      },
      {
        title: "ForecastTypeRecord",
        description: "How many runs of a type are expected.",
        additionalProperties: false,
      },
    ),
  );

/** What will run in a span of time. */
export const forecastRecordSchema: SchemaOf<ForecastRecord> = schemaOf<ForecastRecord>()(
  Type.Object(
    {
      now: instant("The database's clock."),
      from: instant("The span begins after this time, or with it if it is now."),
      to: instant("The span ends with this time."),
      pausedAt: nullable(instant("When everything was paused; null while it runs.")),
      count: count("All runs of the span."),
      busyMs: workMs("What they take together, as far as durations are known."),
      complete: Type.Boolean({
        description: "Whether all triggers and runs were looked at; else the counts are too low.",
      }),
      unreadableCount: count("Triggers whose rule this release cannot read; not counted."),
      hours: list(forecastHourRecordSchema, "Every hour of the span, in order."),
      types: list(forecastTypeRecordSchema, "Types with runs in it, the most frequent first."),
      occurrences: list(
        forecastOccurrenceRecordSchema,
        "The first runs, at most as many as were asked for; the counts know all of them.",
      ),
      truncated: Type.Boolean({ description: "Whether there are more than `occurrences` lists." }),
    },
    {
      title: "ForecastRecord",
      description:
        "What will run if nothing changes: fires of triggers, adaptive ones repeated at their " +
        "present interval plus the usual duration, and queued runs that are due later.",
      additionalProperties: false,
    },
  ),
);

/** Which span to forecast, and whose runs. */
export const forecastQuerySchema: SchemaOf<ForecastQuery> = schemaOf<ForecastQuery>()(
  Type.Object(
    {
      hours: Type.Optional(
        Type.Integer({
          description: "How far to look; 24 by default.",
          minimum: 1,
          maximum: hoursMax,
        }),
      ),
      from: Type.Optional(
        instantInput("Where to begin; now by default, and for a time that has passed."),
      ),
      type: Type.Optional(name("Only runs of this type.")),
      taskId: Type.Optional(id("Only runs of this task.")),
      limit: pageLimit(100),
    },
    {
      title: "ForecastQuery",
      description: "Which span to forecast, and whose runs.",
      additionalProperties: false,
    },
  ),
);
