/** The order of the doctor's checks, and what each of them is given. */

import { loadConfig, type LoadedConfig } from "../../app/config-file.ts";
import { RemoteScheduler } from "../../client/remote-scheduler.ts";
import { type ConnectionOptions, nonEmpty, targetOf } from "../connection/connection-options.ts";
import { answersAt, localUrl } from "../connection/probe.ts";
import { databasePlaceOf, listenPlaceOf, schemaDefault } from "../serving/settings.ts";
import type { Shell } from "../shell.ts";
import { checkDatabase } from "./check-database.ts";
import { checkPort } from "./check-port.ts";
import { checkRuntime } from "./check-runtime.ts";
import { checkServer } from "./check-server.ts";
import { checkTaskModules } from "./check-task-modules.ts";
import { failedBy, fine, type Finding } from "./finding.ts";

/** Looks at everything, from what needs least to what needs most; each finding when it is known. */
export async function* examine(shell: Shell, options: ConnectionOptions): AsyncGenerator<Finding> {
  yield checkRuntime({
    version: process.versions.node,
    readsTypeScript: process.features.typescript !== false,
  });
  const target = targetOf(options, shell.env);
  const token = options.token ?? nonEmpty(shell.env["ORRERY_TOKEN"]);
  const serverAt = (baseUrl: string): Promise<Finding> =>
    checkServer({
      baseUrl,
      scheduler: new RemoteScheduler({ baseUrl, ...(token === undefined ? {} : { token }) }),
    });
  if (target.kind === "server") {
    yield await serverAt(target.baseUrl);
    return;
  }
  const config = await examineConfig(shell, options.config);
  yield* config.findings;
  if (config.loaded === undefined) return;
  const sources = { options, env: shell.env, loaded: config.loaded, directory: shell.directory };
  try {
    const address = listenPlaceOf({ ...sources, options: {} });
    const baseUrl = localUrl(address);
    const served = await answersAt(baseUrl, shell.clock);
    yield await checkPort(address, served);
    if (served) yield await serverAt(baseUrl);
    const schema = options.schema ?? config.loaded.config.schema ?? schemaDefault;
    const place = databasePlaceOf(sources);
    yield* await checkDatabase({ place, schema, clock: shell.clock, served });
  } catch (error) {
    yield failedBy("settings", error);
  }
}

/** The configuration file and the task modules that it names. */
async function examineConfig(
  shell: Shell,
  path: string | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly loaded?: LoadedConfig }> {
  let loaded: LoadedConfig;
  try {
    loaded = await loadConfig({ directory: shell.directory, path, clock: shell.clock });
  } catch (error) {
    return { findings: [failedBy("configuration", error)] };
  }
  if (loaded.path === undefined) {
    const none = fine("configuration", `no file in ${loaded.directory}; everything is default`);
    return { findings: [none], loaded };
  }
  const found = fine("configuration", loaded.path);
  return { findings: [found, ...(await checkTaskModules(loaded, shell.clock))], loaded };
}
