/** Is this Node.js new enough, and can it read TypeScript? */

import { doubtful, type Finding, broken, fine } from "./finding.ts";

/** What is known of the runtime. */
export interface Runtime {
  /** As in `26.10.0`. */
  readonly version: string;
  /** Whether it loads `.ts` files by itself. */
  readonly readsTypeScript: boolean;
}

/** The oldest release that the package is built for. */
const versionMin = [22, 13] as const;

/** The finding on a runtime. */
export function checkRuntime(runtime: Runtime): Finding {
  const [major = 0, minor = 0] = runtime.version.split(".").map(Number);
  const [majorMin, minorMin] = versionMin;
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    return broken("runtime", {
      message: `Node.js ${runtime.version} is too old`,
      advice: `install Node.js ${majorMin}.${minorMin} or newer`,
    });
  }
  if (runtime.readsTypeScript) return fine("runtime", `Node.js ${runtime.version}`);
  return doubtful("runtime", {
    message: `Node.js ${runtime.version} does not read TypeScript`,
    advice: "write configuration and tasks in JavaScript, or use Node.js 22.18 or newer",
  });
}
