/** A stepped scheduler on a database of its own, with a frontier and a loader to be told answers. */

import { onTestFinished } from "vitest";

import type { ImportedOrigin, VisitStatsRecord } from "../../src/api/frontier.ts";
import type { VisitTypeOptions } from "../../src/api/visits.ts";
import { present } from "../../src/kernel/assert.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import type { TaskDefinition } from "../../src/model/handler.ts";
import { openStepped, type SteppedScheduler } from "../../src/testing/stepped.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";

/** What a loader answers for a URL, or throws. */
export type Answer = (url: string) => unknown;

/** A stepped scheduler with what tests of visits need. */
export interface VisitRig {
  readonly stepped: SteppedScheduler;
  readonly database: TestDatabase;
  /** Inputs of the visits that were made, in the order of their start. */
  readonly visited: Readonly<Record<string, unknown>>[];
  /** Lists origins of the visit type `git`. */
  readonly list: (
    origins: readonly Partial<ImportedOrigin>[],
    lister?: { readonly name: string; readonly firstVisits?: boolean },
  ) => Promise<void>;
  readonly statsOf: (url: string) => Promise<VisitStatsRecord>;
}

/** Opens a rig whose task type `load-git` visits. */
export async function openVisitRig(options: {
  readonly answer: Answer;
  readonly git?: Partial<VisitTypeOptions>;
  readonly retry?: { readonly limit: number; readonly delayMs?: number };
  readonly limits?: { readonly unfinishedMax: number };
  readonly slotCount?: number;
}): Promise<VisitRig> {
  const database = await createDatabase();
  const visited: Readonly<Record<string, unknown>>[] = [];
  const loader: TaskDefinition = defineTask({
    name: "load-git",
    retry: options.retry ?? { limit: 0 },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    run: ({ params }) => {
      const input = isRecord(params) ? params : {};
      visited.push(input);
      return options.answer(String(input["url"]));
    },
  });
  const stepped = await openStepped({
    databaseUrl: database.connectionString,
    tasks: [loader],
    visits: { git: { task: "load-git", ...options.git } },
    slotCount: options.slotCount ?? 1_000,
    seed: 1,
  });
  onTestFinished(async () => {
    await stepped[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const { frontier } = stepped.orrery;
  return {
    stepped,
    database,
    visited,
    list: async (origins, lister = { name: "lister" }) => {
      await frontier.importOrigins({
        lister,
        origins: origins.map((each, index) => ({ url: urlOf(index), visitType: "git", ...each })),
        finished: true,
      });
    },
    statsOf: async (url) =>
      present((await frontier.getVisitStats([{ url, visitType: "git" }]))[0], `stats of ${url}`),
  };
}

/** The URL of a number. */
export function urlOf(index: number): string {
  return `https://example.org/${String(index).padStart(5, "0")}.git`;
}
