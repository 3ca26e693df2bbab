/** Which release of a package is installed. */

import { readFileSync } from "node:fs";
import path from "node:path";

/** What `package.json` of the installed copy says. */
export function versionOf(name: string): string {
  // Beside node_modules, not by import: not every package exports its manifest.
  const root = path.join(import.meta.dirname, "..", "node_modules", name, "package.json");
  const manifest: unknown = JSON.parse(readFileSync(root, "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return "?";
  return String(manifest.version);
}
