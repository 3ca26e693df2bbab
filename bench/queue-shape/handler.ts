/** The work of every job of the bench: none, but asynchronous like real work. */

import { strict as assert } from "node:assert";

/** Takes the payload and does nothing with it. */
export async function noOp(payload: object): Promise<void> {
  assert.ok(typeof payload === "object");
}
