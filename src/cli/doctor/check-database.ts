/** Does the database answer, is it new enough, migrated, and does it agree about the time? */

import { existsSync } from "node:fs";
import type { Clock } from "../../kernel/clock.ts";
import { ConfigError } from "../../kernel/errors.ts";
import { addMillis, type Instant, millisBetween } from "../../kernel/instant.ts";
import { defaultInstallationQuery, findInstallation } from "../../store/embedded/binaries.ts";
import { startEmbedded } from "../../store/embedded/embedded.ts";
import { type DatabaseInspection, inspectDatabase } from "../../store/inspect.ts";
import { describeDuration } from "../duration.ts";
import type { DatabasePlace } from "../serving/settings.ts";
import { broken, doubtful, failedBy, fine, type Finding } from "./finding.ts";

/** What to look at. */
export interface DatabaseQuestion {
  readonly place: DatabasePlace;
  readonly schema: string;
  readonly clock: Clock;
  /** Whether a server of ours answers, which then holds an embedded database. */
  readonly served: boolean;
}

const majorVersionMin = 14;
/** A larger difference confuses people who read logs of both. */
const clockDifferenceMsMax = 2_000;

/** The findings on the database, and on what it is made from when it is embedded. */
export async function checkDatabase(question: DatabaseQuestion): Promise<readonly Finding[]> {
  const { place } = question;
  if (place.kind === "url") return inspect(question, place.databaseUrl);
  const binaries = await checkBinaries();
  const { dataDirectory } = place;
  if (!existsSync(dataDirectory)) {
    const made = fine("data directory", `${dataDirectory} is made at the first start`);
    return [binaries, made];
  }
  if (question.served) {
    return [binaries, fine("data directory", `${dataDirectory} is held by the server`)];
  }
  if (binaries.status === "fail") return [binaries];
  return [binaries, ...(await inspectEmbedded(question, dataDirectory))];
}

async function checkBinaries(): Promise<Finding> {
  try {
    const { version } = await findInstallation(defaultInstallationQuery());
    return fine("binaries", `PostgreSQL for this platform is installed (${version})`);
  } catch (error) {
    return failedBy("binaries", error);
  }
}

/** Starts the embedded database for a moment. */
async function inspectEmbedded(
  question: DatabaseQuestion,
  directory: string,
): Promise<readonly Finding[]> {
  try {
    await using server = await startEmbedded({ directory, clock: question.clock });
    const found = fine("data directory", `${server.directory} can be used`);
    return [found, ...(await inspect(question, server.connectionString))];
  } catch (error) {
    if (error instanceof ConfigError && error.code === "ORR_CONFIG_LOCKED") {
      // Another process serves it on another port, say: a thing to know, no fault.
      const advice = "name the server that runs there with --server to look at it too";
      return [doubtful("data directory", { message: error.message, advice })];
    }
    return [failedBy("data directory", error)];
  }
}

async function inspect(
  { schema, clock }: DatabaseQuestion,
  connectionString: string,
): Promise<readonly Finding[]> {
  const startedAt = clock.now();
  const started = clock.monotonicMs();
  let found: DatabaseInspection;
  try {
    found = await inspectDatabase({ connectionString, schema });
  } catch (error) {
    const { message } = failedBy("database", error);
    const advice = "is it running, and are address, user and password right?";
    return [broken("database", { message, advice })];
  }
  const tookMs = clock.monotonicMs() - started;
  // The answer was given somewhere between question and receipt: half the way errs least.
  const here = addMillis(startedAt, tookMs / 2);
  return [
    checkVersion(found),
    checkMigrations(found, schema),
    checkClock({ here, there: found.now, slackMs: tookMs / 2 }),
  ];
}

function checkVersion({ serverVersion, majorVersion }: DatabaseInspection): Finding {
  if (majorVersion >= majorVersionMin)
    return fine("database", `PostgreSQL ${serverVersion} answers`);
  return broken("database", {
    message: `PostgreSQL ${serverVersion} is too old`,
    advice: `use PostgreSQL ${majorVersionMin} or newer`,
  });
}

/** What the migrations of a schema say about it. */
export function checkMigrations(
  found: Pick<DatabaseInspection, "migrated" | "missing" | "unknown">,
  schema: string,
): Finding {
  const last = found.unknown.at(-1);
  if (last !== undefined) {
    return broken("migrations", {
      message: `schema ${schema} was migrated by a newer release (${last})`,
      advice: "use that release or a newer one",
    });
  }
  if (found.migrated.length === 0) {
    return fine("migrations", `schema ${schema} is made at the first start`);
  }
  if (found.missing.length === 0) {
    return fine("migrations", `schema ${schema} is at ${found.migrated.at(-1) ?? "the start"}`);
  }
  return doubtful("migrations", {
    message: `schema ${schema} lacks ${found.missing.join(", ")}`,
    advice: "they run at the next start of a server or worker of this release",
  });
}

/** What two clocks say; `slackMs` of the difference may have been spent on the way. */
export function checkClock(times: {
  readonly here: Instant;
  readonly there: Instant;
  readonly slackMs: number;
}): Finding {
  const differenceMs = millisBetween(times.here, times.there);
  const size = Math.abs(differenceMs);
  const direction = differenceMs > 0 ? "ahead of" : "behind";
  if (size <= clockDifferenceMsMax + times.slackMs) {
    return fine("clock", `the database is ${describeDuration(size)} ${direction} this machine`);
  }
  return doubtful("clock", {
    message: `the database is ${describeDuration(size)} ${direction} this machine`,
    advice: "the database's clock rules, so nothing breaks; set the clocks for readable logs",
  });
}
