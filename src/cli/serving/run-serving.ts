/** The life of a `serve` or `worker` process: open, tell, work until interrupted, drain. */

import { loadConfig, type LoadedConfig } from "../../app/config-file.ts";
import type { Orrery } from "../../app/orrery.ts";
import { packageVersion } from "../../app/package-facts.ts";
import type { EngineEvent } from "../../engine/events.ts";
import { Metrics } from "../../http/metrics.ts";
import { createHttpServer, type HttpServer, type ListenAddress } from "../../http/server.ts";
import { placeText } from "../connection/place-text.ts";
import { describeDuration } from "../duration.ts";
import type { ScreenOptions } from "../screen.ts";
import type { Shell } from "../shell.ts";
import { tellOfStart } from "./announce.ts";
import { engineEntry } from "./engine-entries.ts";
import { ensureSchedules } from "./ensure-schedules.ts";
import { createJournal, httpLogOf, type Journal } from "./journal.ts";
import { openLocal } from "./open-local.ts";
import {
  databasePlaceOf,
  type DatabasePlace,
  drainMsOf,
  type ListenOptions,
  listenPlaceOf,
  type ProcessOptions,
} from "./settings.ts";
import { type SwhListenOptions, type SwhPlace, swhPlaceOf } from "./swh-place.ts";
import { startSwhServer, swhSurfaces } from "./swh-serving.ts";

/** What kind of process. */
export interface ServingRequest {
  readonly options: ScreenOptions &
    ProcessOptions &
    ListenOptions &
    SwhListenOptions & { readonly config?: string };
  /** Whether to answer HTTP. */
  readonly http: boolean;
  /** Whether to execute runs. */
  readonly work: boolean;
}

/** Everything that is known once settings are read. */
interface Serving extends ServingRequest {
  readonly shell: Shell;
  readonly journal: Journal;
  readonly loaded: LoadedConfig;
  readonly place: DatabasePlace;
  readonly address: ListenAddress;
  readonly swhPlace: SwhPlace | undefined;
  readonly drainMs: number;
  readonly metrics: Metrics;
}

/**
 * Resolves when the process has been interrupted and everything has ended in good order.
 * @throws ConfigError `ORR_CONFIG_*` @throws StoreError `ORR_STORE_*`
 */
export async function runServing(shell: Shell, request: ServingRequest): Promise<void> {
  const serving = await prepare(shell, request);
  const { journal, drainMs } = serving;
  await using orrery = await openOrrery(serving);
  await using server = request.http ? startServer(serving, orrery) : undefined;
  if (server !== undefined) {
    const { url } = await server.listen(serving.address);
    // The code of tasks finds its server by this, whatever port it was given.
    shell.setVariable("ORRERY_SERVER", url);
    journal.tell({
      level: "info",
      event: "listening",
      message: `listening on ${url}  (API and its description: ${url}/api/v1/)`,
      fields: { url },
    });
  }
  await using swhServer = request.http ? await startSwhServer(serving, orrery) : undefined;
  await ensureSchedules({ orrery, loaded: serving.loaded, journal });
  await tellOfStart({ orrery, journal, work: request.work });
  // Without its database a server would answer nothing but errors: whoever started it restarts it.
  const lost = await Promise.race([interrupted(shell.signal), orrery.databaseLost]);
  if (lost !== undefined) throw lost;
  journal.tell({
    level: "info",
    event: "stopping",
    message:
      `stopping: running work has ${describeDuration(drainMs)} to end` +
      (journal.human ? "; Ctrl-C again stops at once" : ""),
    fields: { drainMs },
  });
  await Promise.all([server?.close(), swhServer?.close()]);
  await orrery.close({ drainMs });
  journal.tell({ level: "info", event: "stopped", message: "stopped" });
}

async function prepare(shell: Shell, request: ServingRequest): Promise<Serving> {
  const { options } = request;
  const journal = createJournal(shell, options);
  const loaded = await loadConfig({
    directory: shell.directory,
    path: options.config,
    clock: shell.clock,
  });
  const sources = { options, env: shell.env, loaded, directory: shell.directory };
  const version = packageVersion();
  journal.tell({
    level: "info",
    event: "starting",
    style: "strong",
    message: `orrery ${version}, ${loaded.path ?? "without a configuration file"}`,
    fields: { version, config: loaded.path ?? null },
  });
  return {
    ...request,
    shell,
    journal,
    loaded,
    // Everything that can be wrong is read before anything is opened.
    address: listenPlaceOf(sources),
    swhPlace: swhPlaceOf(sources),
    place: databasePlaceOf(sources),
    drainMs: drainMsOf(sources),
    metrics: new Metrics({ version }),
  };
}

async function openOrrery(serving: Serving): Promise<Orrery> {
  const { shell, journal, loaded, place, options, work, drainMs } = serving;
  const slotCount = options.slots ?? loaded.config.worker?.slotCount;
  const orrery = await openLocal({
    place,
    loaded,
    clock: shell.clock,
    schema: options.schema,
    worker: work ? { drainMs, ...(slotCount === undefined ? {} : { slotCount }) } : false,
    // A server without a worker still fires, so that workers elsewhere find what is due.
    fire: true,
    environment: shell.env,
    onEvent: (event) => onEngineEvent(serving, event),
    onLog: (line) => journal.tell({ level: "debug", event: "database_step", message: line }),
  });
  const { database } = await orrery.getSystem();
  journal.tell({
    level: "info",
    event: "database",
    message: `database: ${placeText(place)}, version ${database.serverVersion}`,
    fields: { kind: place.kind, ...database },
  });
  return orrery;
}

function onEngineEvent({ journal, metrics }: Serving, event: EngineEvent): void {
  journal.tell(engineEntry(event));
  if (event.kind !== "run_ended" && event.kind !== "run_requeued") return;
  metrics.observeAttempt({
    type: event.typeName,
    outcome: event.outcome.kind,
    durationMs: event.durationMs,
  });
}

function startServer({ shell, journal, metrics, loaded }: Serving, orrery: Orrery): HttpServer {
  const { requireToken, allowedHosts } = loaded.config;
  return createHttpServer({
    scheduler: orrery,
    auth: orrery,
    clock: shell.clock,
    log: httpLogOf(journal),
    version: packageVersion(),
    metrics,
    surfaces: swhSurfaces(orrery, httpLogOf(journal)),
    ...(requireToken === undefined ? {} : { requireToken }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
  });
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
