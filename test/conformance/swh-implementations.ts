/** Every implementation of the Software Heritage scheduler's interface, over a rig. */

import { SwhRemoteScheduler } from "../../src/compat/swh/remote/remote-scheduler.ts";
import type { SwhScheduler } from "../../src/compat/swh/scheduler.ts";
import type { SwhRig } from "../swh/rig.ts";

/** One implementation. */
export interface Implementation {
  readonly name: string;
  /** The dialect lacks some methods, arguments and columns. */
  readonly isSeed: boolean;
  readonly open: (rig: SwhRig) => SwhScheduler;
}

function remote(rig: SwhRig, encoding: "msgpack" | "json"): SwhScheduler {
  return new SwhRemoteScheduler({ url: rig.urls.current, dialect: "current", encoding });
}

/** The local one, and the remote one in both encodings and in both dialects. */
export const implementations: readonly Implementation[] = [
  { name: "local", isSeed: false, open: (rig) => rig.scheduler },
  { name: "remote, msgpack", isSeed: false, open: (rig) => remote(rig, "msgpack") },
  { name: "remote, JSON", isSeed: false, open: (rig) => remote(rig, "json") },
  {
    name: "remote, seed dialect",
    isSeed: true,
    open: (rig) => new SwhRemoteScheduler({ url: rig.urls.seed, dialect: "seed" }),
  },
];
