/** Our server as a program of its own, so that client and server do not share a thread. */

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

/** A running server; disposing it stops it. */
export interface SwhServer extends AsyncDisposable {
  /** Of the bare path, in the current dialect. */
  readonly url: string;
}

/** Starts one on a schema that is there. */
export async function serve({
  connectionString,
  schema,
}: {
  readonly connectionString: string;
  readonly schema: string;
}): Promise<SwhServer> {
  const manifest = createRequire(import.meta.url).resolve("orrery/package.json");
  const program = path.join(path.dirname(manifest), "src/cli/main.ts");
  const options = ["--database-url", connectionString, "--schema", schema, "--no-worker", "--json"];
  const ports = ["--port", "0", "--swh-listen", "127.0.0.1:0", "--swh-dialect", "current"];
  const server = spawn(
    process.execPath,
    ["--conditions=orrery-source", program, "serve", ...options, ...ports],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((resolve) => server.once("close", resolve));
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await ended;
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const told: unknown = JSON.parse(line);
    if (isListening(told)) {
      server.stdout.resume();
      return { url: told.url, [Symbol.asyncDispose]: stop };
    }
  }
  throw new Error("the server ended before it listened");
}

function isListening(told: unknown): told is { readonly url: string } {
  return (
    typeof told === "object" && told !== null && "event" in told && told.event === "swh_listening"
  );
}
