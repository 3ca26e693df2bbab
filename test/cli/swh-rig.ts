/** A server with the RPC in both dialects, and `orrery swh` over each way to it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { SwhRemoteScheduler } from "../../src/compat/swh/remote/remote-scheduler.ts";
import { createDatabase } from "../postgres/database.ts";
import { captureCli } from "./captured-shell.ts";
import { type CommandResult, runCli, startServer } from "./spawned.ts";

/** The ways: a server, its RPC in either dialect, the database itself. */
export const placeNames = ["server", "url", "seed", "database"] as const;
/** One of them. */
export type PlaceName = (typeof placeNames)[number];

/** How a command is run. */
export interface Told {
  /** @defaultValue server */
  readonly place?: PlaceName;
  /** For standard input. */
  readonly input?: string;
  /** In a process of its own, as a user runs it; else inside this one, as fast as a call. */
  readonly spawned?: boolean;
  /** Cells of a line, if it writes to a terminal. */
  readonly terminal?: number;
}

/** The server, and what tests do with it. */
export interface SwhRig extends AsyncDisposable {
  readonly url: string;
  readonly scheduler: SwhRemoteScheduler;
  /** Where commands are run; empty at first. */
  readonly directory: string;
  /** Runs what stands behind `orrery swh`. */
  swh(args: readonly string[], told?: Told): Promise<CommandResult>;
  /** What a command printed, which must have ended well and told nothing else. */
  printed(args: readonly string[], told?: Told): Promise<string>;
}

/** Starts it. */
export async function openSwhRig(): Promise<SwhRig> {
  const directory = await mkdtemp(join(tmpdir(), "orrery-swh-"));
  const database = await createDatabase();
  const { connectionString } = database;
  const args = ["--no-worker", "--swh-listen", "127.0.0.1:0", "--swh-dialect", "seed"];
  const server = await startServer({ args, env: { DATABASE_URL: connectionString } });
  const own = server.lines.find(({ event }) => event === "swh_listening");
  const places: Readonly<Record<PlaceName, Surroundings>> = {
    server: { args: ["swh"], env: { ORRERY_SERVER: server.url } },
    url: { args: ["swh", "--url", `${server.url}/swh`], env: {} },
    seed: { args: ["swh", "--dialect", "seed"], env: { SWH_SCHEDULER_URL: String(own?.["url"]) } },
    database: { args: ["swh"], env: { DATABASE_URL: connectionString } },
  };
  const swh: SwhRig["swh"] = (rest, told = {}) => {
    const { place = "server", input = "", spawned = false, terminal } = told;
    const { args: before, env } = places[place];
    const options = { env, input, directory, ...(terminal === undefined ? {} : { terminal }) };
    const all = [...before, ...rest];
    return spawned ? runCli({ args: all, ...options }) : captureCli(all, options);
  };
  return {
    url: server.url,
    scheduler: new SwhRemoteScheduler({ url: `${server.url}/swh`, dialect: "current" }),
    directory,
    swh,
    printed: async (rest, told) => {
      const { exitCode, out, err } = await swh(rest, told);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
      return out;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a command line says of a place, and its variables. */
interface Surroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
