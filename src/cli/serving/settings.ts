/**
 * What a server or worker process is to be: the command line wins over the environment, the
 * environment over the configuration file, the file over the defaults.
 */

import { resolve } from "node:path";
import type { LoadedConfig } from "../../app/config-file.ts";
import { readDatabaseUrl } from "../../app/config-fields.ts";
import { ConfigError, InvalidInputError } from "../../kernel/errors.ts";
import { nonEmpty } from "../connection/connection-options.ts";
import { parseDuration } from "../duration.ts";
import type { Environment } from "../shell.ts";

/** The port of a server of which nothing else is said. */
export const portDefault = 8420;
/** Reachable from this machine only; anything else needs a token. */
export const hostDefault = "127.0.0.1";
/** Where the embedded database lives, below the directory that the process was started in. */
export const dataDirectoryDefault = ".orrery";
/** The schema that holds the tables. */
export const schemaDefault = "orrery";
/** Milliseconds that running work gets to end when the process is asked to stop. */
export const drainMsDefault = 10_000;

/** The options as they were typed. */
export interface ProcessOptions {
  readonly databaseUrl?: string;
  readonly data?: string;
  readonly schema?: string;
  readonly slots?: number;
  readonly drain?: string;
}

/** The options of `serve` besides. */
export interface ListenOptions {
  readonly host?: string;
  readonly port?: string;
}

/** Which database, in one of the two ways. */
export type DatabasePlace =
  | { readonly kind: "url"; readonly databaseUrl: string }
  | { readonly kind: "embedded"; readonly dataDirectory: string };

/** Everything that is known of what is to be started, from all sources. */
export interface SettingsSources<Options> {
  readonly options: Options;
  readonly env: Environment;
  readonly loaded: LoadedConfig;
  /** What the command line's and the environment's relative paths are relative to. */
  readonly directory: string;
}

/**
 * The database: a named one, else the embedded one.
 * @throws ConfigError `ORR_CONFIG_INVALID` for text that is no connection string
 */
export function databasePlaceOf(sources: SettingsSources<ProcessOptions>): DatabasePlace {
  const { options, env, loaded, directory } = sources;
  const { config } = loaded;
  const url = (text: string, field = "databaseUrl"): DatabasePlace => ({
    kind: "url",
    databaseUrl: asSetting(() => readDatabaseUrl(text, field)),
  });
  const embedded = (path: string, base = directory): DatabasePlace => ({
    kind: "embedded",
    dataDirectory: resolve(base, path),
  });
  if (options.databaseUrl !== undefined) return url(options.databaseUrl, "--database-url");
  if (options.data !== undefined) return embedded(options.data);
  const envUrl = nonEmpty(env["DATABASE_URL"]);
  if (envUrl !== undefined) return url(envUrl, "DATABASE_URL");
  const envData = nonEmpty(env["ORRERY_DATA"]);
  if (envData !== undefined) return embedded(envData);
  if (config.databaseUrl !== undefined) return { kind: "url", databaseUrl: config.databaseUrl };
  if (config.dataDirectory !== undefined) return embedded(config.dataDirectory, loaded.directory);
  return embedded(dataDirectoryDefault);
}

/**
 * Where to listen.
 * @throws ConfigError `ORR_CONFIG_INVALID` for a port that is none
 */
export function listenPlaceOf(sources: SettingsSources<ListenOptions>): {
  readonly host: string;
  readonly port: number;
} {
  const { options, env, loaded } = sources;
  const envPort = nonEmpty(env["ORRERY_PORT"]);
  const port =
    options.port !== undefined
      ? readPort(options.port, "--port")
      : envPort !== undefined
        ? readPort(envPort, "ORRERY_PORT")
        : (loaded.config.port ?? portDefault);
  return { host: options.host ?? loaded.config.host ?? hostDefault, port };
}

/** Milliseconds that running work gets to end. */
export function drainMsOf({ options, loaded }: SettingsSources<ProcessOptions>): number {
  if (options.drain !== undefined) return parseDuration(options.drain, "--drain");
  return loaded.config.worker?.drainMs ?? drainMsDefault;
}

const portMax = 65_535;

function readPort(text: string, field = "port"): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= portMax) return port;
  throw new ConfigError(
    "ORR_CONFIG_INVALID",
    `${field} must be a whole number from 0 to ${portMax}, not "${text}"`,
    { details: { field, value: text, hint: "0 takes any free port" } },
  );
}

/** A wrong setting is for the operator to correct, not for a caller. */
function asSetting<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError("ORR_CONFIG_INVALID", error.message, {
      details: error.details,
      cause: error,
    });
  }
}
