/**
 * The same build in real time, a thousand times as fast and more, for `orrery graph run`: an hour
 * of building is over in a fifth of a second.
 */

import type { NodeContext } from "orrery/graph";
import { prepareArchive } from "./archive-build.ts";

const speed = 18_000;
const builderCount = 64;
const { graph, times } = prepareArchive({ builderCount, seed: 1 });

export default {
  graph,
  concurrency: builderCount,
  settings: (name: string) => ({ estimateMs: (times.get(name) ?? 0) / speed }),
  run: async (name: string, { delay, progress }: NodeContext<unknown>) => {
    const ms = (times.get(name) ?? 0) / speed;
    // Long builds tell how far they are.
    for (let quarter = 0; quarter < 4; quarter += 1) {
      progress(quarter / 4);
      await delay(ms / 4);
    }
  },
};
