/**
 * Finds the scheduler that a command talks to: a server, or the database itself when no server
 * answers. Which one it was, `--verbose` says.
 */

import { existsSync } from "node:fs";
import type { Scheduler } from "../../api/scheduler.ts";
import type { Orrery } from "../../app/orrery.ts";
import { loadConfig, type LoadedConfig } from "../../app/config-file.ts";
import { RemoteScheduler } from "../../client/remote-scheduler.ts";
import { StoreError } from "../../kernel/errors.ts";
import type { Screen } from "../screen.ts";
import { databasePlaceOf, listenPlaceOf, type SettingsSources } from "../serving/settings.ts";
import type { Shell } from "../shell.ts";
import { type ConnectionOptions, nonEmpty, targetOf } from "./connection-options.ts";
import { placeText } from "./place-text.ts";
import { answersAt, localUrl } from "./probe.ts";

/** A scheduler for the length of a command. */
export interface Session extends AsyncDisposable {
  readonly scheduler: Scheduler;
}

/** Whom a command talks to. */
export type Place =
  | {
      readonly kind: "server";
      readonly baseUrl: string;
      /** The secret of an API token, if one was given. */
      readonly token: string | undefined;
    }
  | { readonly kind: "database"; readonly open: () => Promise<Orrery> };

/**
 * Finds the place that options and environment name. Without a name: the server at the usual
 * address if one answers, else the database of the configuration or the data directory, if there
 * is one.
 * @throws StoreError `ORR_STORE_UNAVAILABLE` when there is nothing to talk to
 * @throws ConfigError `ORR_CONFIG_*` for a configuration that cannot be used
 */
export async function findPlace(
  shell: Shell,
  options: ConnectionOptions,
  screen: Screen,
): Promise<Place> {
  const token = options.token ?? nonEmpty(shell.env["ORRERY_TOKEN"]);
  const target = targetOf(options, shell.env);
  if (target.kind === "server") {
    screen.detail(`server ${target.baseUrl} (${target.from})`);
    return { kind: "server", baseUrl: target.baseUrl, token };
  }
  const loaded = await loadConfig({
    directory: shell.directory,
    path: options.config,
    clock: shell.clock,
  });
  const sources = { options, env: shell.env, loaded, directory: shell.directory };
  if (target.kind === "unsaid") {
    const baseUrl = localUrl(listenPlaceOf({ ...sources, options: {} }));
    if (await answersAt(baseUrl, shell.clock)) {
      screen.detail(`server ${baseUrl} (it answers)`);
      return { kind: "server", baseUrl, token };
    }
    const place = databasePlaceOf(sources);
    if (place.kind === "embedded" && !existsSync(place.dataDirectory)) {
      throw nobodyThere({ baseUrl, dataDirectory: place.dataDirectory });
    }
  }
  return {
    kind: "database",
    open: () => openDatabase({ shell, screen, options, sources, loaded }),
  };
}

/**
 * Opens the scheduler that options and environment name.
 * @throws as `findPlace`, and StoreError `ORR_STORE_*` for a database that cannot be opened
 */
export async function openSession(
  shell: Shell,
  options: ConnectionOptions,
  screen: Screen,
): Promise<Session> {
  const place = await findPlace(shell, options, screen);
  if (place.kind === "server") {
    const { baseUrl, token } = place;
    const scheduler = new RemoteScheduler({ baseUrl, ...(token === undefined ? {} : { token }) });
    return { scheduler, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const local = await place.open();
  return { scheduler: local, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
}

async function openDatabase(found: {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly options: ConnectionOptions;
  readonly sources: SettingsSources<ConnectionOptions>;
  readonly loaded: LoadedConfig;
}): Promise<Orrery> {
  const { shell, screen, options, sources, loaded } = found;
  const place = databasePlaceOf(sources);
  screen.detail(placeText(place));
  // Loaded on demand: whoever talks to a server needs no database driver.
  const { openLocal } = await import("../serving/open-local.ts");
  const local = await openLocal({
    place,
    loaded,
    clock: shell.clock,
    worker: false,
    schema: options.schema,
  });
  for (const { error } of local.catalogue.broken) screen.note(error.message);
  return local;
}

function nobodyThere({
  baseUrl,
  dataDirectory,
}: {
  readonly baseUrl: string;
  readonly dataDirectory: string;
}): StoreError {
  return new StoreError(
    "ORR_STORE_UNAVAILABLE",
    `no server answers at ${baseUrl}, and there is no database in ${dataDirectory}`,
    {
      transient: true,
      details: {
        hint: "start one with `orrery serve`, or name one with --server or --database-url",
      },
    },
  );
}
