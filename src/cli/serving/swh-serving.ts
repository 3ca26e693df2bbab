/** The Software Heritage RPC of a server: below two prefixes, and on a port of its own. */

import type { Surface } from "../../api/surface.ts";
import type { Orrery } from "../../app/orrery.ts";
import { swhRpcRoutes } from "../../compat/swh/rpc/routes.ts";
import type { HttpLog } from "../../http/http-log.ts";
import { createSurfaceServer, type SurfaceServer } from "../../http/surface-server.ts";
import type { LoadedConfig } from "../../app/config-file.ts";
import { httpLogOf, type Journal } from "./journal.ts";
import type { SwhPlace } from "./swh-place.ts";

/** Where the two dialects stand on the main port. */
const prefixes = [
  ["current", "/swh"],
  ["seed", "/swh-seed"],
] as const;

/** The RPC in both dialects, for the main server. */
export function swhSurfaces(orrery: Orrery, log: HttpLog): readonly Surface[] {
  return prefixes.map(([dialect, prefix]) =>
    swhRpcRoutes({ scheduler: orrery.swh, dialect, prefix, onFailure: failureLog(log) }),
  );
}

/**
 * The RPC on its own port, listening; undefined when none is wanted.
 * @throws ConfigError `ORR_CONFIG_LISTEN` `ORR_CONFIG_PORT`
 */
export async function startSwhServer(
  {
    journal,
    loaded,
    swhPlace,
  }: {
    readonly journal: Journal;
    readonly loaded: LoadedConfig;
    readonly swhPlace: SwhPlace | undefined;
  },
  orrery: Orrery,
): Promise<SurfaceServer | undefined> {
  if (swhPlace === undefined) return undefined;
  const { dialect, ...place } = swhPlace;
  const log = httpLogOf(journal);
  const server = createSurfaceServer({
    ...place,
    surface: swhRpcRoutes({ scheduler: orrery.swh, dialect, onFailure: failureLog(log) }),
    auth: orrery,
    log,
    allowedHosts: loaded.config.allowedHosts ?? [],
  });
  const { url } = await server.listen();
  journal.tell({
    level: "info",
    event: "swh_listening",
    message: `Software Heritage RPC (${dialect}) on ${url}`,
    fields: { url, dialect },
  });
  return server;
}

function failureLog(log: HttpLog): (thrown: unknown) => void {
  return (thrown) => log.error({ err: thrown }, "a call of the Software Heritage RPC failed");
}
