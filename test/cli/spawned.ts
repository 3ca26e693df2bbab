/** The real command line in a process of its own: run to its end, or held while it serves. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isRecord } from "../../src/kernel/json.ts";
import { compileCache } from "../support/compile-cache.ts";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The project of the fixtures. */
export const projectDirectory: string = fileURLToPath(
  new URL("fixtures/project/", import.meta.url),
);

/** What is run, and in which surroundings. */
export interface SpawnOptions {
  readonly args: readonly string[];
  /** @defaultValue the fixtures' project */
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input, which is empty without. */
  readonly input?: string;
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** A record of JSON, as a line of a journal or a result. */
export type JsonLine = Readonly<Record<string, unknown>>;

function start({ args, directory, env, input }: SpawnOptions): ChildProcessWithoutNullStreams {
  const child = spawn(
    process.execPath,
    ["--conditions=orrery-source", "--no-warnings", program, ...args],
    {
      cwd: directory ?? projectDirectory,
      // Nothing of the caller's settings may decide what a test sees.
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        TZ: "UTC",
        ...compileCache,
        ...env,
      },
    },
  );
  child.stdin.end(input ?? "");
  return child;
}

/** Runs a command to its end. */
export async function runCli(options: SpawnOptions): Promise<CommandResult> {
  const child = start(options);
  const ended = once(child, "close");
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await ended;
  return { exitCode: child.exitCode, out, err };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** A process that goes on until it is told to stop; killed when disposed of. */
export interface RunningCli extends AsyncDisposable {
  /** Waits for the first line of its journal, past or to come, that fits. */
  waitFor(wanted: (line: JsonLine) => boolean): Promise<JsonLine>;
  readonly lines: readonly JsonLine[];
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CommandResult>;
}

/** Starts a process whose standard output is lines of JSON. */
export function startCli(options: SpawnOptions): RunningCli {
  const child = start(options);
  const lines: JsonLine[] = [];
  const waiting = new Set<() => void>();
  let out = "";
  let over = false;
  const wake = (): void => {
    for (const each of waiting) each();
  };
  createInterface({ input: child.stdout }).on("line", (text) => {
    out += `${text}\n`;
    const line: unknown = JSON.parse(text);
    if (isRecord(line)) lines.push(line);
    wake();
  });
  const err = textOf(child.stderr);
  const ended = once(child, "close").then(async () => {
    over = true;
    wake();
    return { exitCode: child.exitCode, out, err: await err };
  });
  return {
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    waitFor: async (wanted) => {
      for (;;) {
        const found = lines.find(wanted);
        if (found !== undefined) return found;
        if (over) throw new Error(`it ended before that:\n${out}\n${await err}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
        waiting.delete(resolve);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts `orrery serve` on any free port; answers its address when it is ready. */
export async function startServer(
  options: SpawnOptions,
): Promise<RunningCli & { readonly url: string }> {
  const server = startCli({ ...options, args: ["serve", "--port", "0", ...options.args] });
  const { url } = await server.waitFor((line) => line["event"] === "listening");
  await server.waitFor((line) => line["event"] === "ready");
  return { ...server, url: String(url) };
}
