/** The blocks of the README that the tests run, so that it cannot promise what does not work. */

import { readFile } from "node:fs/promises";

const marker = "<!-- test/pack runs what stands here -->";

/** The text of the marked block in a language, as ```` ```ts ````. */
export async function readmeBlock(language: string): Promise<string> {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const fence = "```";
  const start = `${marker}\n\n${fence}${language}\n`;
  const [, after, ...more] = text.split(start);
  const block = after?.split(`\n${fence}\n`)[0];
  if (block === undefined || more.length > 0) {
    throw new Error(`README.md must have one ${fence}${language} block after ${marker}`);
  }
  return block;
}
