/**
 * The configuration file of the reference: of its `scheduler` only a remote one can be used here,
 * because the databases of the reference are not ours.
 */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Float, type SwhJson, type SwhJsonObject } from "../../compat/swh/values.ts";
import { ConfigError, InvalidInputError, messageOf } from "../../kernel/errors.ts";
import { isJsonList, isJsonObject } from "./json-shape.ts";
import { parseYaml } from "./yaml.ts";

/** A scheduler elsewhere, as a configuration names it. */
export interface ConfiguredRemote {
  readonly url: string;
  readonly timeoutMs?: number;
  readonly auth?: { readonly user: string; readonly password: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Keys that mean nothing to a client that sends a few requests. */
  readonly unused: readonly string[];
}

/** Where a configuration is, and who said so. */
export interface ConfigPlace {
  readonly path: string;
  /** The option or the variable. */
  readonly from: string;
  readonly directory: string;
}

/**
 * Reads it.
 * @throws ConfigError `ORR_CONFIG_FILE` for a file that cannot be read, `ORR_CONFIG_INVALID` for
 * one that names no scheduler that can be reached
 */
export async function readSwhConfig(place: ConfigPlace): Promise<ConfiguredRemote> {
  const { path, text } = await readText(place);
  const scheduler = memberOf(documentOf({ path, text }), "scheduler");
  if (!isJsonObject(scheduler)) {
    throw invalid(path, { field: "scheduler", message: "missing 'scheduler' configuration" });
  }
  const { cls, url } = scheduler;
  if (cls !== "remote") {
    const shown = typeof cls === "string" ? `"${cls}"` : "nothing";
    throw invalid(path, {
      field: "scheduler.cls",
      message: `scheduler.cls must be "remote", not ${shown}: other databases are not Orrery's`,
    });
  }
  if (typeof url !== "string") {
    throw invalid(path, { field: "scheduler.url", message: "scheduler.url must be an address" });
  }
  return { url, ...settingsOf(scheduler, path) };
}

/** A path of the variable is tried with `.yml` as well, as in the reference. */
async function readText(
  place: ConfigPlace,
): Promise<{ readonly path: string; readonly text: string }> {
  const path = resolve(place.directory, place.path);
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (error) {
    if (place.from === "SWH_CONFIG_FILENAME" && !path.endsWith(".yml")) {
      return await readText({ ...place, path: `${path}.yml` });
    }
    const message = `cannot read the file of ${place.from}: ${messageOf(error)}`;
    throw new ConfigError("ORR_CONFIG_FILE", message, {
      details: { field: place.from, value: place.path, hint: "--url names a scheduler as well" },
      cause: error,
    });
  }
}

function documentOf({ path, text }: { readonly path: string; readonly text: string }): SwhJson {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError("ORR_CONFIG_FILE", `${path} is not YAML: ${error.message}`, {
      details: { field: path },
      cause: error,
    });
  }
}

function settingsOf(
  { cls: _cls, url: _url, timeout, session_kwargs: session, ...rest }: SwhJsonObject,
  path: string,
): Omit<ConfiguredRemote, "url"> {
  const { auth, headers, ...sessionRest } = isJsonObject(session) ? session : {};
  return {
    ...(timeout === undefined || timeout === null ? {} : { timeoutMs: timeoutMsOf(timeout, path) }),
    ...(auth === undefined ? {} : { auth: authOf(auth, path) }),
    ...(headers === undefined ? {} : { headers: headersOf(headers, path) }),
    unused: [
      ...Object.keys(rest),
      ...Object.keys(sessionRest).map((key) => `session_kwargs.${key}`),
    ],
  };
}

/** Seconds, or those to connect and those to read: the longer of the two counts. */
function timeoutMsOf(timeout: SwhJson, path: string): number {
  const parts = isJsonList(timeout) ? timeout : [timeout];
  const seconds = parts.map((part) => (part instanceof Float ? part.value : part));
  if (seconds.length > 0 && seconds.every(isPositive)) return Math.max(...seconds) * 1000;
  const message = "scheduler.timeout must be seconds, or a list of them";
  throw invalid(path, { field: "scheduler.timeout", message });
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

function authOf(auth: SwhJson, path: string): NonNullable<ConfiguredRemote["auth"]> {
  const [user, password] = isJsonList(auth) ? auth : [];
  if (typeof user === "string" && typeof password === "string") return { user, password };
  const field = "scheduler.session_kwargs.auth";
  throw invalid(path, { field, message: `${field} must be a list of a name and a password` });
}

function headersOf(headers: SwhJson, path: string): Readonly<Record<string, string>> {
  const entries = isJsonObject(headers) ? Object.entries(headers) : [["", null] as const];
  const texts = entries.filter((each): each is [string, string] => typeof each[1] === "string");
  if (texts.length === entries.length) return Object.fromEntries(texts);
  const field = "scheduler.session_kwargs.headers";
  throw invalid(path, { field, message: `${field} must be texts by their names` });
}

function memberOf(value: SwhJson, key: string): SwhJson | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function invalid(
  path: string,
  { field, message }: { readonly field: string; readonly message: string },
): ConfigError {
  return new ConfigError("ORR_CONFIG_INVALID", `${path}: ${message}`, {
    details: { field, hint: "--url, --server and --database-url name a scheduler as well" },
  });
}
