/**
 * A process at work on a frontier until it is told to stop or, when it grabs, until there has been
 * nothing for a while. Tells what it was handed, and each turn of anything else.
 */

import { createLocalSwhScheduler } from "../../src/compat/swh/local-scheduler.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createRng } from "../../src/kernel/rng.ts";
import { openStore } from "../../src/store/open.ts";
import { count, type FrontierLoad, grab, grabPolicies, list, visit } from "./frontier-work.ts";
import { numberIn, onOrder, readSettings, tell, textIn } from "./parent-lines.ts";

/** Rows that others hold look like none at all, so one empty answer proves nothing. */
const emptyCountMax = 3 * grabPolicies.length;

const settings = readSettings();
const store = await openStore({
  connectionString: textIn(settings, "connectionString"),
  clock: systemClock,
  poolSize: 2,
});
const load: FrontierLoad = {
  scheduler: createLocalSwhScheduler({ store }),
  rng: createRng(numberIn(settings, "seed")),
  originCount: numberIn(settings, "originCount"),
  listerIds: textIn(settings, "listerIds").split(" "),
  batch: numberIn(settings, "batch"),
};
const kind = textIn(settings, "work");
const turns = { list, visit, count };
const stopped = new AbortController();

async function grabAll(): Promise<void> {
  for (
    let turn = 0, emptyCount = 0;
    !stopped.signal.aborted && emptyCount < emptyCountMax;
    turn += 1
  ) {
    const urls = await grab(load, grabPolicies[turn % grabPolicies.length] ?? "");
    emptyCount = urls.length === 0 ? emptyCount + 1 : 0;
    if (urls.length > 0) tell({ kind: "grabbed", urls });
  }
}

async function work(): Promise<void> {
  try {
    if (kind === "grab") await grabAll();
    else {
      const turn = kind === "list" || kind === "visit" ? turns[kind] : turns.count;
      for (; !stopped.signal.aborted; tell({ kind: "turn" })) await turn(load);
    }
    tell({ kind: "done" });
  } catch (thrown) {
    tell({ kind: "failed", message: thrown instanceof Error ? (thrown.stack ?? "") : "" });
  }
  await store[Symbol.asyncDispose]();
}

onOrder((order) => {
  if (order.kind === "stop") stopped.abort();
  else void work();
});

tell({ kind: "ready" });
