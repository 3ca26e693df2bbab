/**
 * Node.js keeps here what it made of our sources. Tests start processes by the hundred, and with it
 * each starts in a third of the time; where it cannot be written it is left out.
 */

import { fileURLToPath } from "node:url";

/** For the environment of a process that runs our sources. */
export const compileCache: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../node_modules/.cache/tests", import.meta.url)),
};
