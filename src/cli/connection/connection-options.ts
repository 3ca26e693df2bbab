/** The options by which a command says whom it talks to, shared by all that talk to somebody. */

import { type Command, Option } from "commander";
import { InvalidInputError } from "../../kernel/errors.ts";
import type { ScreenOptions } from "../screen.ts";

/** Where a database may be. */
export interface DatabaseOptions {
  readonly databaseUrl?: string;
  readonly data?: string;
  readonly schema?: string;
  readonly config?: string;
}

/** The options as they were typed. */
export interface ConnectionOptions extends ScreenOptions, DatabaseOptions {
  readonly server?: string;
  readonly token?: string;
}

/** Makes options of one group of the help, each of its flags and description. */
export function optionsOf(
  heading: string,
): (option: readonly [flags: string, description: string]) => Option {
  return ([flags, description]) => new Option(flags, description).helpGroup(heading);
}

/** Adds `--json` and `--verbose`. */
export function withOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--json", "print the result as JSON, and nothing else").helpGroup("Output:"),
    )
    .addOption(
      new Option("--verbose", "say what is used, and where errors come from").helpGroup("Output:"),
    );
}

/** Adds the options that name a database. */
export function withDatabaseOptions(command: Command): Command {
  const option = optionsOf("Database:");
  return command
    .addOption(option(["--database-url <url>", "a PostgreSQL of your own (DATABASE_URL)"]))
    .addOption(option(["--data <directory>", "directory of the embedded database (ORRERY_DATA)"]))
    .addOption(option(["--schema <name>", "schema that holds the tables"]))
    .addOption(option(["--config <file>", "configuration, instead of ./orrery.config.ts"]));
}

/** Adds the options that name a server. */
export function withServerOptions(command: Command): Command {
  const option = optionsOf("Server:");
  return command
    .addOption(option(["--server <url>", "address of a server (ORRERY_SERVER)"]))
    .addOption(option(["--token <secret>", "token for the server (ORRERY_TOKEN)"]));
}

/** Adds everything that a command needs to find a scheduler. */
export function withConnectionOptions(command: Command): Command {
  return withOutputOptions(withDatabaseOptions(withServerOptions(command)));
}

/** Whom a command talks to, before anything was tried. */
export type Target =
  | { readonly kind: "server"; readonly baseUrl: string; readonly from: string }
  | { readonly kind: "database"; readonly databaseUrl: string; readonly from: string }
  | { readonly kind: "directory"; readonly directory: string; readonly from: string }
  /** Nothing was said: whatever answers. */
  | { readonly kind: "unsaid" };

/**
 * What options and environment say. Options win over the environment; two options that name two
 * different places are refused, because one of them would be ignored. `ORRERY_DATA` says no more
 * than where the embedded database is, which a running server may hold: it decides nothing here.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function targetOf(
  options: ConnectionOptions,
  env: Readonly<Record<string, string | undefined>>,
): Target {
  const given = [
    ["--server", options.server],
    ["--database-url", options.databaseUrl],
    ["--data", options.data],
  ].filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(" and ");
    throw new InvalidInputError("ORR_INPUT_INVALID", `${names} exclude each other`, {
      details: { field: names, hint: "name one place: a server, a database or a directory" },
    });
  }
  return (
    targetFrom(options, {
      server: "--server",
      databaseUrl: "--database-url",
      data: "--data",
    }) ??
    targetFrom(
      {
        server: nonEmpty(env["ORRERY_SERVER"]),
        databaseUrl: nonEmpty(env["DATABASE_URL"]),
      },
      { server: "ORRERY_SERVER", databaseUrl: "DATABASE_URL", data: "" },
    ) ?? { kind: "unsaid" }
  );
}

type Places = {
  readonly [Name in "server" | "databaseUrl" | "data"]?: string | undefined;
};

function targetFrom(
  places: Places,
  names: { readonly [Name in keyof Places]-?: string },
): Target | undefined {
  if (places.server !== undefined) {
    return {
      kind: "server",
      baseUrl: serverUrl({ text: places.server, field: names.server }),
      from: names.server,
    };
  }
  if (places.databaseUrl !== undefined) {
    return { kind: "database", databaseUrl: places.databaseUrl, from: names.databaseUrl };
  }
  if (places.data !== undefined) {
    return { kind: "directory", directory: places.data, from: names.data };
  }
  return undefined;
}

/** An empty variable counts as absent, as shells and CI systems mean it. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function serverUrl({ text, field }: { readonly text: string; readonly field: string }): string {
  // A bare host:port is what people type; `localhost:8420` would parse as the scheme `localhost:`.
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new InvalidInputError(
      "ORR_INPUT_INVALID",
      `${field} must be an address such as http://127.0.0.1:8420, not "${text}"`,
      { details: { field, value: text } },
    );
  }
  return url.href.replace(/\/$/, "");
}
