/**
 * Starts linger.ts in its own process group and with its own output, then stays or leaves.
 * Arguments: the test's port, `obey` or `ignore` for the child, `stay` or `leave`.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const [port = "", mode = "", next] = process.argv.slice(2);
const linger = fileURLToPath(new URL("linger.ts", import.meta.url));
const child = spawn(process.execPath, [linger, port, mode], {
  stdio: ["ignore", "inherit", "inherit", "ipc"],
});
child.once("message", () => {
  console.log("child is ready");
  if (next === "leave") process.exit(0);
});
