/** Where the Software Heritage RPC has a port of its own: options, configuration, checks. */

import type { Command } from "commander";
import { type DialectName, dialectNames } from "../../compat/swh/wire/dialects.ts";
import { AddressList } from "../../http/address-list.ts";
import type { ListenAddress } from "../../http/server.ts";
import { ConfigError, InvalidInputError } from "../../kernel/errors.ts";
import { optionsOf } from "../connection/connection-options.ts";
import type { SettingsSources } from "./settings.ts";

/** The options as they were typed. */
export interface SwhListenOptions {
  readonly swhListen?: string;
  readonly swhDialect?: string;
  readonly swhAllow?: readonly string[];
  readonly swhRequireToken?: boolean;
}

/** A port of its own, with who may come there. */
export interface SwhPlace {
  readonly address: ListenAddress;
  readonly dialect: DialectName;
  readonly allow: AddressList;
  readonly requireToken: boolean;
}

/** Adds the options. */
export function addSwhOptions(command: Command): void {
  const option = optionsOf("Software Heritage RPC:");
  command
    .addOption(option(["--swh-listen <address>", "a port of its own, as 127.0.0.1:5008"]))
    .addOption(option(["--swh-dialect <name>", `what is spoken there: ${dialectNames.join(", ")}`]))
    .addOption(option(["--swh-allow <address...>", "addresses and networks that may come there"]))
    .addOption(option(["--swh-require-token", "ask there for a token, sent as a password"]));
}

/**
 * The place, if one is wanted.
 * @throws ConfigError `ORR_CONFIG_INVALID` for an address that is none, for a dialect that is not
 * named, and for options about a port that is not there
 */
export function swhPlaceOf(sources: SettingsSources<SwhListenOptions>): SwhPlace | undefined {
  const { options, loaded } = sources;
  const { swh = {} } = loaded.config;
  const listen = options.swhListen ?? swh.listen;
  const dialect = options.swhDialect ?? swh.dialect;
  const allow = options.swhAllow ?? swh.allow ?? [];
  const requireToken = options.swhRequireToken ?? swh.requireToken ?? false;
  if (listen === undefined) {
    if (dialect === undefined && allow.length === 0 && !requireToken) return undefined;
    throw invalid("--swh-listen", {
      message: "the options of the Software Heritage RPC need --swh-listen",
    });
  }
  return {
    address: addressOf(listen),
    dialect: dialectOf(dialect),
    allow: addressListOf(allow),
    requireToken,
  };
}

const portMax = 65_535;

function addressOf(text: string): ListenAddress {
  const [, bracketed, plain, digits = ""] = /^(?:\[(.+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= portMax) return { host, port };
  throw invalid("--swh-listen", {
    message: `--swh-listen must be as 127.0.0.1:5008, not "${text}"`,
  });
}

/** There is no default: a client of one dialect cannot read the other. */
function dialectOf(name: string | undefined): DialectName {
  const dialect = dialectNames.find((each) => each === name);
  if (dialect !== undefined) return dialect;
  const came = name === undefined ? "nothing" : `"${name}"`;
  const known = "current (releases since 3.0) or seed (1.3.0 to 2.2.2)";
  throw invalid("--swh-dialect", { message: `--swh-dialect must be ${known}, not ${came}` });
}

function addressListOf(entries: readonly string[]): AddressList {
  try {
    return new AddressList(entries, { field: "--swh-allow" });
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    throw new ConfigError("ORR_CONFIG_INVALID", thrown.message, { details: thrown.details });
  }
}

function invalid(field: string, { message }: { readonly message: string }): ConfigError {
  return new ConfigError("ORR_CONFIG_INVALID", message, { details: { field } });
}
