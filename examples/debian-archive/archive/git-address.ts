/** Reads addresses of git repositories as packages state them, and says what is wrong with one. */

/** An address in its parts. */
export interface GitAddress {
  readonly kind: "address";
  readonly scheme: string;
  /** In lowercase, without user and port. */
  readonly host: string;
  readonly path: string;
}

/** Text that is no address. */
export interface MalformedAddress {
  readonly kind: "malformed";
  readonly reason: string;
}

/** Ways by which git reads from elsewhere. */
const schemes: ReadonlySet<string> = new Set(["https", "http", "git", "ssh"]);
const addressPattern = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)?$/i;
const hostPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const portMax = 65_535;

/**
 * Reads `scheme://[user@]host[:port]/path`. Browsers forgive more (an empty port, say), but two
 * spellings of one address would be counted as two.
 */
export function parseGitAddress(text: string): GitAddress | MalformedAddress {
  if (/\s/.test(text)) return malformed("it holds blanks");
  const [, scheme, authority, path] = addressPattern.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return malformed("it has no scheme");
  if (!schemes.has(scheme.toLowerCase())) return malformed(`git does not read by ${scheme}`);
  // The user ends at the last @; a path cannot begin before the slash.
  const place = authority.slice(authority.lastIndexOf("@") + 1);
  const [hostText = "", port, ...more] = place.split(":");
  const host = hostText.toLowerCase();
  if (!hostPattern.test(host)) return malformed(`"${hostText}" is no host name`);
  if (port === "") return malformed("it has a colon without a port");
  if (port !== undefined && (more.length > 0 || !isPort(port))) {
    return malformed(`"${port}" is no port`);
  }
  if (path === undefined) return malformed("it has no path");
  return { kind: "address", scheme: scheme.toLowerCase(), host, path };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= portMax;
}

function malformed(reason: string): MalformedAddress {
  return { kind: "malformed", reason };
}
