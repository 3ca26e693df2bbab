/**
 * One process that fires and runs nothing: what a second machine would be. Started by the bench,
 * told where the database is, and tells of each batch when it is committed.
 */

import { Orrery } from "orrery";

import { isStop, type Place, type Told } from "./messages.ts";

const [, , url = "", schema = ""] = process.argv;
const place: Place = { url, schema };
const firer = await Orrery.open({
  databaseUrl: place.url,
  schema: place.schema,
  worker: false,
  fire: true,
  onEvent: (event) => {
    if (event.kind === "fired") tell({ kind: "fired", count: event.count, atMs: Date.now() });
    if (event.kind === "loop_failed") tell({ kind: "failed", message: event.error.message });
  },
});
process.on("message", (message) => {
  if (isStop(message)) void firer.close().then(() => process.disconnect?.());
});
tell({ kind: "ready" });

function tell(told: Told): void {
  process.send?.(told);
}
