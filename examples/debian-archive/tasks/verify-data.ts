/** Checks once that the shipped data arrived as it was sent. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { defineTask, permfailed } from "orrery";

const file = new URL("../data/debian-origins.jsonl.gz", import.meta.url);
const sums = new URL("../data/SHA256SUMS", import.meta.url);

/** Another sum is not going to become right by trying again, so it fails for good. */
export const verifyData = defineTask<unknown, unknown, { readonly sha256: string }>({
  name: "verifyData",
  description: "Compares the shipped data with its SHA-256 sum",
  run: async ({ log }) => {
    const [expected = ""] = (await readFile(sums, "utf8")).split(" ");
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    if (sha256 !== expected) return permfailed(`the sum is ${sha256}, not ${expected}`);
    log.info("the data is as it was sent", { sha256 });
    return { sha256 };
  },
});
