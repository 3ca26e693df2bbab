/**
 * Finds the scheduler that a command talks to: a server, or the database itself when no server
 * answers. Which one it was, `--verbose` says.
 */

import { existsSync } from "node:fs";
import type { Scheduler } from "../../api/scheduler.ts";
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

/**
 * Opens the scheduler that options and environment name. Without a name: the server at the usual
 * address if one answers, else the database of the configuration or the data directory, if there
 * is one.
 * @throws StoreError `ORR_STORE_UNAVAILABLE` when there is nothing to talk to
 * @throws ConfigError `ORR_CONFIG_*` for a configuration that cannot be used
 */
export async function openSession(
  shell: Shell,
  options: ConnectionOptions,
  screen: Screen,
): Promise<Session> {
  const target = targetOf(options, shell.env);
  if (target.kind === "server") {
    screen.detail(`server ${target.baseUrl} (${target.from})`);
    return remoteSession(shell, { baseUrl: target.baseUrl, token: options.token });
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
      return remoteSession(shell, { baseUrl, token: options.token });
    }
    const place = databasePlaceOf(sources);
    if (place.kind === "embedded" && !existsSync(place.dataDirectory)) {
      throw nobodyThere({ baseUrl, dataDirectory: place.dataDirectory });
    }
  }
  return localSession({ shell, screen, options, sources, loaded });
}

function remoteSession(
  shell: Shell,
  { baseUrl, token }: { readonly baseUrl: string; readonly token: string | undefined },
): Session {
  const secret = token ?? nonEmpty(shell.env["ORRERY_TOKEN"]);
  return {
    scheduler: new RemoteScheduler({
      baseUrl,
      ...(secret === undefined ? {} : { token: secret }),
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function localSession(found: {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly options: ConnectionOptions;
  readonly sources: SettingsSources<ConnectionOptions>;
  readonly loaded: LoadedConfig;
}): Promise<Session> {
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
  return { scheduler: local, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
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
