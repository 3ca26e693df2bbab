/** Reads the list of source packages into a table of its own, in batches. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { defineTask, eventful, uneventful } from "orrery";
import { z } from "zod";
import { type KeptAside, keepAside, storeOrigins, withArchive } from "../archive/database.ts";
import { type Origin, parseOriginLine } from "../archive/origin-line.ts";

/** Rows of one statement. */
const batchSize = 1_000;
/** Malformed lines that the log names one by one; the table has them all. */
const namedMax = 10;
const shippedFile = new URL("../data/debian-origins.jsonl.gz", import.meta.url);

/**
 * Each line is stored under its package, and only if that changes something: running it again,
 * also after a crash in the middle, ends in the same rows.
 */
export const importOrigins = defineTask({
  name: "importOrigins",
  description: "Imports git addresses of source packages; malformed ones are kept aside",
  input: z.object({ file: z.string().optional() }),
  limits: { runningMax: 1 },
  timeoutMs: 300_000,
  run: ({ params, signal, log, progress, databaseUrl }) =>
    withArchive(databaseUrl, async (client) => {
      const file = params.file ?? shippedFile;
      const counts = { lines: 0, inserted: 0, updated: 0 };
      const aside: KeptAside[] = [];
      // One statement cannot change a row twice, so of two lines of a package the later counts.
      const batch = new Map<string, Origin>();
      const store = async (): Promise<void> => {
        const stored = await storeOrigins(client, [...batch.values()]);
        counts.inserted += stored.inserted;
        counts.updated += stored.updated;
        batch.clear();
      };

      const source = await openLines(file);
      for await (const text of source.lines) {
        counts.lines += 1;
        const read = parseOriginLine(text);
        if (read.kind === "origin") batch.set(read.package, read);
        else aside.push({ line: counts.lines, text, reason: read.reason });
        if (batch.size < batchSize) continue;
        signal.throwIfAborted();
        await store();
        progress(source.fractionRead(), `${counts.lines} packages read`);
      }
      await store();
      const asideChanged = await keepAside(client, aside);

      for (const { line, reason } of aside.slice(0, namedMax)) {
        log.warn(`line ${line} is malformed: ${reason}`, { line });
      }
      const output = {
        ...counts,
        unchanged: counts.lines - counts.inserted - counts.updated - aside.length,
        malformed: aside.length,
      };
      log.info(`${output.inserted} inserted, ${output.updated} updated`, output);
      progress(1, `${counts.lines} packages read`);
      const changed = counts.inserted + counts.updated + asideChanged > 0;
      return changed ? eventful(output) : uneventful(output);
    }),
});

/** The lines of a gzipped file, and how much of the file they have taken so far. */
async function openLines(file: string | URL): Promise<{
  readonly lines: AsyncIterable<string>;
  readonly fractionRead: () => number;
}> {
  const { size } = await stat(file);
  const compressed = createReadStream(file);
  const unpacked = createGunzip();
  // A pipe does not hand errors on; unheard, a missing file would end the process.
  compressed.on("error", (error) => unpacked.destroy(error));
  return {
    lines: createInterface({ input: compressed.pipe(unpacked), crlfDelay: Infinity }),
    fractionRead: () => (size === 0 ? 1 : Math.min(compressed.bytesRead / size, 1)),
  };
}
