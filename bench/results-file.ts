/** Where the benches leave what they measured: in `results/`, for people and for programs. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const results = path.join(import.meta.dirname, "results");

/** Writes `<name>.md` and `<name>.json`. */
export async function writeResults(
  name: string,
  { report, recording }: { readonly report: string; readonly recording: unknown },
): Promise<void> {
  await mkdir(results, { recursive: true });
  await writeFile(path.join(results, `${name}.md`), `${report}\n`);
  await writeFile(
    path.join(results, `${name}.json`),
    `${JSON.stringify(recording, undefined, 1)}\n`,
  );
}

/** What `<name>.json` holds; undefined when it is not there. */
export async function readResults(name: string): Promise<unknown> {
  const text = await readFile(path.join(results, `${name}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
