/**
 * One owner per directory, without a lock that the system would drop for us (Node.js has no flock).
 *
 * The claims on a directory are numbered files; the highest one counts. It is void when its process
 * has died or released it. To take over, a process links a complete file under the next number,
 * which succeeds for one of any number of contenders. No file is ever overwritten by anybody but
 * its owner, so there is no moment at which a stale claim and a fresh one can be mistaken.
 */

import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ConfigError, messageOf } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import { currentScope, findStart, ownIdentity, type ProcessIdentity } from "./process-table.ts";

/** A directory that this process owns until it releases it or dies. */
export interface Ownership {
  /** The number of this claim; grows with each owner. */
  readonly generation: number;
  /** Gives the directory up; safe to call again. */
  release(): Promise<void>;
}

/** What to own, and how to judge a claim made by a process that we cannot look up. */
export interface OwnershipOptions {
  /** It exists; the claims are kept in `owner/` below it. */
  readonly directory: string;
  /**
   * Asked about a claim from another container or an earlier boot, whose process id means nothing
   * here: is its server still answering?
   */
  readonly answers: () => Promise<boolean>;
}

interface Claim {
  readonly owner: ProcessIdentity;
  readonly released: boolean;
}

/** Rounds in which contenders can outrun each other; each round somebody wins. */
const roundCountMax = 100;

/**
 * Superseded claims that are kept. A contender that was held up this many take-overs long could
 * link a number that was already used and cleaned up; it would notice the higher ones.
 */
const keptCount = 8;

let draftCount = 0;

/**
 * Takes ownership of a directory, over from a dead owner if need be.
 * @throws ConfigError `ORR_CONFIG_LOCKED` with `details.pid` while another owner lives
 */
export async function claimDirectory(options: OwnershipOptions): Promise<Ownership> {
  const directory = join(options.directory, "owner");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const owner = await ownIdentity();
  for (let round = 0; round < roundCountMax; round += 1) {
    const highest = await highestGeneration(directory);
    await refuseIfHeld(options, claimFile(directory, highest));
    const generation = highest + 1;
    if (!(await linkClaim(directory, { generation, owner }))) continue;
    // Normally true; see `keptCount`.
    if ((await highestGeneration(directory)) !== generation) continue;
    await sweep(directory, generation);
    return ownershipOf(directory, { generation, owner });
  }
  throw lockedError({ directory: options.directory, reason: "many processes compete for it" });
}

/** The error of a directory in use. */
export function lockedError(problem: {
  readonly directory: string;
  readonly reason: string;
  readonly pid?: number | undefined;
}): ConfigError {
  const { directory, reason, pid } = problem;
  return new ConfigError(
    "ORR_CONFIG_LOCKED",
    `the database in ${directory} is in use: ${reason}; ` +
      "stop that process first, or choose another directory, or set DATABASE_URL",
    { details: { directory, ...(pid === undefined ? {} : { pid }) } },
  );
}

async function refuseIfHeld(options: OwnershipOptions, file: string): Promise<void> {
  const claim = await readClaim(file);
  if (claim === undefined || claim.released) return;
  const { pid, startedAt, scope } = claim.owner;
  const held =
    scope === (await currentScope())
      ? (await findStart(pid)) === startedAt
      : await options.answers();
  if (!held) return;
  const who = pid === process.pid ? `this process (pid ${pid}) has it open` : `pid ${pid} owns it`;
  throw lockedError({ directory: options.directory, reason: who, pid });
}

/** Whether the claim was entered; false when another contender had the number first. */
async function linkClaim(
  directory: string,
  claim: { readonly generation: number; readonly owner: ProcessIdentity },
): Promise<boolean> {
  draftCount += 1;
  const draft = join(directory, `draft-${process.pid}-${draftCount}`);
  try {
    await writeFile(draft, encodeClaim({ owner: claim.owner, released: false }), { mode: 0o600 });
    await link(draft, claimFile(directory, claim.generation));
    return true;
  } catch (error) {
    // ENOENT: the winner swept our draft away.
    if (hasCode(error, "EEXIST") || hasCode(error, "ENOENT")) return false;
    throw new ConfigError(
      "ORR_CONFIG_DIRECTORY",
      `cannot take ownership in ${directory}: ${messageOf(error)}`,
      { details: { directory }, cause: error },
    );
  } finally {
    await rm(draft, { force: true });
  }
}

function ownershipOf(
  directory: string,
  claim: { readonly generation: number; readonly owner: ProcessIdentity },
): Ownership {
  const file = claimFile(directory, claim.generation);
  return {
    generation: claim.generation,
    release: async () => {
      const draft = join(directory, `released-${claim.generation}`);
      const text = encodeClaim({ owner: claim.owner, released: true });
      try {
        await writeFile(draft, text, { mode: 0o600 });
        await rename(draft, file);
      } catch (error) {
        // ENOENT: the directory was removed, and the claim with it.
        if (!hasCode(error, "ENOENT")) throw error;
      }
    },
  };
}

async function highestGeneration(directory: string): Promise<number> {
  let highest = 0;
  for (const name of await readdir(directory)) {
    highest = Math.max(highest, generationOf(name));
  }
  return highest;
}

/** Removes what earlier owners left; only ever called by the owner. */
async function sweep(directory: string, generation: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const superseded = generationOf(name) > 0 && generationOf(name) <= generation - keptCount;
    const unfinished = name.startsWith("draft-") || name.startsWith("released-");
    if (superseded || unfinished) await rm(join(directory, name), { force: true });
  }
}

function claimFile(directory: string, generation: number): string {
  return join(directory, `${generation}.json`);
}

function generationOf(name: string): number {
  return Number(/^([1-9]\d{0,14})\.json$/.exec(name)?.[1] ?? 0);
}

function encodeClaim(claim: Claim): string {
  return `${JSON.stringify(claim)}\n`;
}

/**
 * The claim in a file. Files appear complete, so one that is missing was swept and one that cannot
 * be read was cut short by a power failure, which no owner survives: neither is held.
 */
async function readClaim(file: string): Promise<Claim | undefined> {
  try {
    return decodeClaim(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

function decodeClaim(value: unknown): Claim | undefined {
  if (!isRecord(value) || !isRecord(value["owner"])) return undefined;
  const { pid, startedAt, scope } = value["owner"];
  if (typeof pid !== "number" || typeof startedAt !== "string" || typeof scope !== "string") {
    return undefined;
  }
  return { owner: { pid, startedAt, scope }, released: value["released"] === true };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
