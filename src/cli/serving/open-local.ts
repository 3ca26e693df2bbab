/** Opens the scheduler of this process from what configuration, environment and options say. */

import { resolve } from "node:path";
import type { LoadedConfig } from "../../app/config-file.ts";
import { Orrery } from "../../app/orrery.ts";
import type { OrreryOptions } from "../../app/orrery-options.ts";
import { scanTasks } from "../../app/scan-tasks.ts";
import type { SwhConfig, SwhOptions } from "../../app/swh-options.ts";
import { createCatalogue, type TaskCatalogue } from "../../app/task-catalogue.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { DatabasePlace } from "./settings.ts";

/** What is to be opened. */
export interface LocalRequest extends Pick<
  OrreryOptions,
  "worker" | "fire" | "environment" | "onEvent" | "onLog"
> {
  readonly place: DatabasePlace;
  readonly loaded: LoadedConfig;
  readonly clock: Clock;
  /** Wins over the configuration's. */
  readonly schema: string | undefined;
}

/**
 * Opens it.
 * @throws as `Orrery.open`
 */
export function openLocal(request: LocalRequest): Promise<Orrery> {
  const { place, loaded, clock, schema, ...rest } = request;
  const { config } = loaded;
  const wantedSchema = schema ?? config.schema;
  return Orrery.open({
    ...rest,
    ...(place.kind === "url"
      ? { databaseUrl: place.databaseUrl }
      : { dataDirectory: place.dataDirectory }),
    ...(wantedSchema === undefined ? {} : { schema: wantedSchema }),
    ...(config.retention === undefined ? {} : { retention: config.retention }),
    ...(config.swh === undefined ? {} : { swh: swhOptionsOf(config.swh) }),
    ...(config.visits === undefined ? {} : { visits: config.visits }),
    taskDirectories: taskDirectoriesOf(loaded),
    clock,
  });
}

/**
 * The task types of a configuration, without a database.
 * @throws ConfigError `ORR_CONFIG_INVALID` @throws ConflictError `ORR_CONFLICT_NAME`
 */
export async function loadTasks(loaded: LoadedConfig, clock: Clock): Promise<TaskCatalogue> {
  return createCatalogue({ tasks: [], scan: await scanTasks(taskDirectoriesOf(loaded), clock) });
}

/** Without what is about a port of its own. */
function swhOptionsOf({ intervalRule, rowCountMax, keepRunsDays }: SwhConfig): SwhOptions {
  return {
    ...(intervalRule === undefined ? {} : { intervalRule }),
    ...(rowCountMax === undefined ? {} : { rowCountMax }),
    ...(keepRunsDays === undefined ? {} : { keepRunsDays }),
  };
}

function taskDirectoriesOf({ config, directory }: LoadedConfig): readonly string[] {
  return (config.tasks ?? []).map((each) => resolve(directory, each));
}
