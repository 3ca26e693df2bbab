/**
 * Who may do what. On loopback everything is open unless tokens are asked for, so there the server
 * defends itself against pages in the user's browser: the `Host` header must be one of its own
 * names (a page of another site that rebinds its name to 127.0.0.1 sends that name), and an
 * `Origin` must be the server itself. Elsewhere every request needs a token.
 */

import { AccessError } from "../kernel/errors.ts";
import { type TokenRole, tokenRoles } from "../model/worker.ts";

/** Whom a secret belongs to. */
export interface TokenHolder {
  readonly name: string;
  readonly role: TokenRole;
}

/** Knows the tokens. */
export interface Authenticator {
  /** The holder of a valid token; undefined for any other text. */
  findTokenBySecret(secret: string): Promise<TokenHolder | undefined>;
}

/** As much of a request as decides. */
export interface AccessRequest {
  readonly authorization: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** How strict the server is. */
export interface AccessOptions {
  readonly auth: Authenticator;
  /** Asks for a token on loopback too, as behind a proxy. */
  readonly requireToken: boolean;
  /** Names without port, besides those of loopback, under which requests without token come. */
  readonly allowedHosts: readonly string[];
}

/** Decides on each request; strict until it is told that the server listens on loopback. */
export class Access {
  readonly #options: AccessOptions;
  readonly #names: Set<string>;
  #tokenNeeded = true;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#names = new Set(options.allowedHosts.map((name) => name.toLowerCase()));
  }

  /** Whether a request without token is refused. */
  get tokenNeeded(): boolean {
    return this.#tokenNeeded;
  }

  /** Says where the server listens: only on loopback it can do without tokens. */
  listensOn(host: string): void {
    this.#tokenNeeded = this.#options.requireToken || !isLoopback(host);
    this.#names.add(host.toLowerCase());
  }

  /**
   * The caller, who has at least `role`.
   * @throws AccessError `ORR_ACCESS_UNAUTHENTICATED` `ORR_ACCESS_FORBIDDEN`
   */
  async admit(request: AccessRequest, role: TokenRole): Promise<TokenHolder> {
    const caller =
      request.authorization === undefined
        ? this.#admitWithoutToken(request)
        : await this.#holderOf(request.authorization);
    if (tokenRoles.indexOf(caller.role) >= tokenRoles.indexOf(role)) return caller;
    throw new AccessError("ORR_ACCESS_FORBIDDEN", `this needs a token of the role ${role}`, {
      details: { role: caller.role, needed: role },
    });
  }

  async #holderOf(authorization: string): Promise<TokenHolder> {
    const secret = secretOf(authorization);
    const holder =
      secret === undefined ? undefined : await this.#options.auth.findTokenBySecret(secret);
    if (holder !== undefined) return holder;
    throw new AccessError(
      "ORR_ACCESS_UNAUTHENTICATED",
      secret === undefined
        ? "the authorization header must be: Bearer, a space, the token; or Basic, with the " +
            "token as password"
        : "the token is unknown, expired or revoked",
    );
  }

  #admitWithoutToken({ host, origin }: AccessRequest): TokenHolder {
    if (this.#tokenNeeded) {
      throw new AccessError(
        "ORR_ACCESS_UNAUTHENTICATED",
        "this server needs a token: make one with `orrery token create`, send it as a bearer token",
      );
    }
    if (host === undefined || !this.#isOwnName(nameOf(host))) {
      throw foreign({ header: "host", value: host ?? "" });
    }
    if (origin !== undefined && originHost(origin) !== host.toLowerCase()) {
      throw foreign({ header: "origin", value: origin });
    }
    return { name: "loopback", role: "admin" };
  }

  #isOwnName(name: string): boolean {
    return isLoopback(name) || name.endsWith(".localhost") || this.#names.has(name);
  }
}

/** The token of a header; clients that know nothing but passwords send it as one. */
function secretOf(authorization: string): string | undefined {
  const [, scheme = "", credentials = ""] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== "basic") return credentials === "" ? undefined : credentials;
  return /^[^:]*:(.+)$/s.exec(Buffer.from(credentials, "base64").toString("utf8"))?.[1];
}

/** Whether an address or name stands for this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return (
    name === "localhost" ||
    name === "::1" ||
    /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}

function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, "");
}

function originHost(origin: string): string {
  return origin.toLowerCase().replace(/^https?:\/\//, "");
}

/** Letters of a refused header that an error repeats. */
const shownLettersMax = 200;

function foreign(refused: { readonly header: string; readonly value: string }): AccessError {
  const value = refused.value.slice(0, shownLettersMax);
  return new AccessError(
    "ORR_ACCESS_FORBIDDEN",
    `the ${refused.header} header must name this server, not ${JSON.stringify(value)}; ` +
      "send a token, or add the name to the allowed hosts",
    { details: { field: refused.header, value } },
  );
}
