/** Starts the one server of a test run and prepares the template; vitest calls it once per run. */

import { rm } from "node:fs/promises";

import type { TestProject } from "vitest/node";

import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { chooseServer, makeRunDirectory, throwawayOptions } from "./server.ts";
import { prepareTemplate, runStatement } from "./template.ts";

/** What test files are told about the server of the run. */
export interface PostgresOfRun {
  /** A database to administer the server from. */
  readonly adminConnectionString: string;
  /** The migrated database to clone. */
  readonly template: string;
  /** How it is cloned: options of `create database`. */
  readonly cloning: string;
}

declare module "vitest" {
  interface ProvidedContext {
    postgres: PostgresOfRun;
  }
}

/** Provides `postgres`; returns what ends it after the last test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  useNativeStackTraces();
  const choice = await chooseServer();
  if (choice.kind === "external") {
    const adminConnectionString = choice.connectionString;
    const template = await prepareTemplate(adminConnectionString);
    project.provide("postgres", { adminConnectionString, template, cloning: "" });
    return () => runStatement(adminConnectionString, `drop database ${template} with (force)`);
  }
  const directory = await makeRunDirectory();
  const server = await startEmbedded(throwawayOptions(choice, directory));
  const teardown = async (): Promise<void> => {
    useNativeStackTraces();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const adminConnectionString = server.connectionString;
    const template = await prepareTemplate(adminConnectionString);
    // Without a copy in the log, where nothing is to outlive the server. Versions before copy so.
    const cloning = Number.parseInt(server.version) < 15 ? "" : "strategy file_copy";
    project.provide("postgres", { adminConnectionString, template, cloning });
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

/**
 * In a global setup, vitest 5.0.5's hook for stack traces fails on our modules ("code.charCodeAt is
 * not a function": it keeps their code as bytes), inside Node.js as well, which then ends the run
 * for any socket that a starting server closes on us.
 */
function useNativeStackTraces(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
}
