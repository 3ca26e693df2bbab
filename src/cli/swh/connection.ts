/** Finds the scheduler of Software Heritage that a command talks to. */

import { type Command, Option } from "commander";
import { SwhRemoteScheduler } from "../../compat/swh/remote/remote-scheduler.ts";
import type { SwhScheduler } from "../../compat/swh/scheduler.ts";
import { type DialectName, dialectNames } from "../../compat/swh/wire/dialects.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import {
  type ConnectionOptions,
  nonEmpty,
  optionsOf,
  withDatabaseOptions,
  withServerOptions,
} from "../connection/connection-options.ts";
import { withoutPassword } from "../connection/place-text.ts";
import { findPlace } from "../connection/session.ts";
import type { Screen } from "../screen.ts";
import type { Shell } from "../shell.ts";
import type { ConfiguredRemote } from "./config-file.ts";

/** The options as they were typed. */
export interface SwhConnectionOptions extends Omit<ConnectionOptions, "json"> {
  readonly url?: string;
  readonly dialect?: DialectName;
  readonly configFile?: string;
}

/** A scheduler for the length of a command. */
export interface SwhSession extends AsyncDisposable {
  readonly scheduler: SwhScheduler;
}

/** Adds them to the group, so that they may stand before and behind the name of a command. */
export function withSwhConnectionOptions(command: Command): Command {
  const option = optionsOf("Scheduler elsewhere:");
  command
    .addOption(option(["-u, --url <url>", "its RPC, ours or the original (SWH_SCHEDULER_URL)"]))
    .addOption(
      option(["--dialect <name>", "what it speaks (default current)"]).choices(dialectNames),
    )
    .addOption(option(["-C, --config-file <file>", "YAML that names it (SWH_CONFIG_FILENAME)"]));
  return withDatabaseOptions(withServerOptions(command)).addOption(
    new Option("--verbose", "say what is used, and where errors come from").helpGroup("Output:"),
  );
}

/**
 * Opens the scheduler that options and environment name: `--url`, then what names an Orrery of the
 * line, then `-C`, the variables of the reference, and last what any other command would find.
 * @throws ConfigError `ORR_CONFIG_*` @throws StoreError `ORR_STORE_*`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for two places at once
 */
export async function openSwhSession(
  shell: Shell,
  options: SwhConnectionOptions,
  screen: Screen,
): Promise<SwhSession> {
  const elsewhere = await remoteOf(shell, options, screen);
  if (elsewhere !== undefined) return remoteSession(elsewhere, options.dialect ?? "current");
  if (options.dialect !== undefined) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "--dialect is for --url", {
      details: { field: "--dialect", value: options.dialect },
    });
  }
  const place = await findPlace(shell, options, screen);
  if (place.kind === "server") {
    const headers = place.token === undefined ? {} : { authorization: `Bearer ${place.token}` };
    return remoteSession({ url: `${place.baseUrl}/swh`, headers, unused: [] }, "current");
  }
  const local = await place.open();
  return { scheduler: local.swh, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
}

async function remoteOf(
  shell: Shell,
  options: SwhConnectionOptions,
  screen: Screen,
): Promise<ConfiguredRemote | undefined> {
  const { url, server, databaseUrl, data, configFile } = options;
  const ours = [server, databaseUrl, data].some((each) => each !== undefined);
  if (url !== undefined && ours) {
    throw new InvalidInputError("ORR_INPUT_INVALID", "--url excludes --server and databases", {
      details: { field: "--url", value: url, hint: "name one place" },
    });
  }
  if (url !== undefined) return namedRemote(url, { from: "--url", screen });
  if (ours) return undefined;
  const variable = nonEmpty(shell.env["SWH_SCHEDULER_URL"]);
  if (configFile === undefined && variable !== undefined) {
    return namedRemote(variable, { from: "SWH_SCHEDULER_URL", screen });
  }
  const path = configFile ?? nonEmpty(shell.env["SWH_CONFIG_FILENAME"]);
  if (path === undefined) return undefined;
  const from = configFile === undefined ? "SWH_CONFIG_FILENAME" : "--config-file";
  // Loaded on demand: few commands read YAML.
  const { readSwhConfig } = await import("./config-file.ts");
  const remote = await readSwhConfig({ path, from, directory: shell.directory });
  for (const key of remote.unused) screen.note(`scheduler.${key} of ${from} has no effect here`);
  screen.detail(`scheduler at ${withoutPassword(remote.url)} (${from})`);
  return remote;
}

/** A name and a password may stand in the address, as everywhere. */
function namedRemote(
  text: string,
  { from, screen }: { readonly from: string; readonly screen: Screen },
): ConfiguredRemote {
  screen.detail(`scheduler at ${withoutPassword(text)} (${from})`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username === "") return { url: text, unused: [] };
  const auth = {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return { url: `${url.origin}${url.pathname}`, auth, unused: [] };
}

function remoteSession(
  { unused: _unused, ...remote }: ConfiguredRemote,
  dialect: DialectName,
): SwhSession {
  // A person waits: whether to try again is theirs to say.
  const scheduler = new SwhRemoteScheduler({ ...remote, dialect, attemptCount: 1 });
  return { scheduler, [Symbol.asyncDispose]: () => Promise.resolve() };
}
