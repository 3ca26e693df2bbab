/**
 * A handler that holds up its thread for longer than its lease keeps its run. The database itself
 * watches the lease meanwhile, since nothing in this process can. Real time: no manual clock holds
 * up a thread.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openRig } from "../../test/engine/rig.ts";
import { compileCache } from "../../test/support/compile-cache.ts";
import { defineTask } from "../model/define-task.ts";

/** The keeper has the second half of it for its first renewal. */
const leaseMs = 3_000;

const program = fileURLToPath(
  new URL("../../test/support/programs/watch-lease.ts", import.meta.url),
);

test("a handler that holds up its thread for longer than a lease is not dead", async () => {
  const compute = defineTask({
    name: "compute",
    // Nothing else happens on this thread until the program has ended.
    run: ({ databaseUrl }) =>
      execFileSync(process.execPath, [program, databaseUrl], {
        encoding: "utf8",
        env: { ...process.env, ...compileCache },
      }),
  });
  await using rig = await openRig({ definitions: [compute], worker: { leaseMs } });
  const [id] = await rig.enqueue("compute", [null]);
  await rig.ended(1);
  expect(await rig.store.runs.find(id)).toMatchObject({
    state: "succeeded",
    lostCount: 0,
    output: "kept",
  });
});
