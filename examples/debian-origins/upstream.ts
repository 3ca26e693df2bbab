/**
 * What is at the other end of the addresses, made up from a seed: each repository changes at an
 * interval of its own, some vanish, and now and then a visit fails. Times are milliseconds since
 * the epoch. The same seed gives the same world.
 */

import { createHash } from "node:crypto";

/** Part of the repositories that vanish in the course of a year. */
const vanishingPart = 0.1;
/** Part of the visits that fail, as the network does. */
const failingPart = 0.03;
/** Part of the repositories of which the lister is not told when they changed. */
const undatedPart = 0.2;
/** These were switched off years ago, and the list still names them. */
const goneHosts = ["anonscm.debian.org", "git.debian.org"];

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

/** A repository as it really is, whether or not anybody has looked. */
export interface Repository {
  readonly url: string;
  /** Whether its lister learns when it changed. */
  readonly isDated: boolean;
  /** Milliseconds between changes: from a day to a thousand, most of them long. */
  readonly intervalMs: number;
  /** One of its changes; the others are whole intervals away. */
  readonly changeMs: number;
  /** When it vanishes; null when it stays. */
  readonly goneAtMs: number | null;
}

/** What a visit finds. */
export type Found =
  | { readonly kind: "snapshot"; readonly snapshot: string }
  | { readonly kind: "not-found" }
  | { readonly kind: "failure"; readonly reason: string };

/** The world behind some addresses. */
export class Upstream {
  readonly #seed: number;
  readonly #repositories: ReadonlyMap<string, Repository>;

  constructor(
    urls: readonly string[],
    options: { readonly seed: number; readonly startMs: number },
  ) {
    this.#seed = options.seed;
    this.#repositories = new Map(urls.map((url) => [url, this.#repository(url, options.startMs)]));
  }

  /** All of them. */
  get repositories(): readonly Repository[] {
    return [...this.#repositories.values()];
  }

  /** The repository at an address. */
  at(url: string): Repository {
    const repository = this.#repositories.get(url);
    if (repository === undefined) throw new RangeError(`there is no repository at ${url}`);
    return repository;
  }

  /** What a visit finds at a time; the same visit finds the same. */
  visit(url: string, nowMs: number): Found {
    if (!isGitAddress(url)) return { kind: "failure", reason: `${url} is no address of git` };
    const repository = this.at(url);
    const { goneAtMs } = repository;
    if (goneAtMs !== null && goneAtMs <= nowMs) return { kind: "not-found" };
    if (this.#chance(`visit ${url} ${nowMs}`) < failingPart) {
      return { kind: "failure", reason: "the connection was reset" };
    }
    const state = `${url} ${changeCount(repository, nowMs)}`;
    return { kind: "snapshot", snapshot: createHash("sha1").update(state).digest("hex") };
  }

  #repository(url: string, startMs: number): Repository {
    const intervalMs = dayMs * 1_000 ** this.#chance(`interval ${url}`);
    const vanishes = this.#chance(`vanishes ${url}`) < vanishingPart;
    const isGone = goneHosts.some((host) => url.includes(`//${host}/`));
    return {
      url,
      isDated: this.#chance(`dated ${url}`) >= undatedPart,
      intervalMs,
      changeMs: startMs - intervalMs * this.#chance(`phase ${url}`),
      goneAtMs: isGone ? 0 : vanishes ? startMs + yearMs * this.#chance(`gone ${url}`) : null,
    };
  }

  /** A number from 0 to 1 that the seed and a text always give. */
  #chance(text: string): number {
    const digest = createHash("sha1").update(`${this.#seed} ${text}`).digest();
    return digest.readUInt32LE(0) / 2 ** 32;
  }
}

/** How many changes there have been; only differences mean anything. */
export function changeCount({ intervalMs, changeMs }: Repository, atMs: number): number {
  return Math.floor((atMs - changeMs) / intervalMs);
}

/** When the last change was. */
export function lastChangeMs(repository: Repository, atMs: number): number {
  return repository.changeMs + changeCount(repository, atMs) * repository.intervalMs;
}

/** The first change after a time. */
export function nextChangeMs(repository: Repository, afterMs: number): number {
  return lastChangeMs(repository, afterMs) + repository.intervalMs;
}

/** A scheme, a host, and no mistake in between: some of the list are no addresses at all. */
function isGitAddress(url: string): boolean {
  return /^(?:https?|git):\/\/[a-z0-9.@-]+(?::\d+)?\/\S*$/i.test(url);
}
