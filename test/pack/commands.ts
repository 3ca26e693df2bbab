/** Commands as a user types them, in surroundings that know nothing of this repository. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";

/** What is run, and where. */
export interface CommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** The Node.js that `node` is. @defaultValue the one of the tests */
  readonly node?: string;
}

/** What a command wrote. */
export interface CommandOutput {
  readonly out: string;
  readonly err: string;
}

/** How variables begin that npm, the tests and a developer set; a user's shell has none of them. */
const foreignVariables: readonly string[] = [
  "npm_package",
  "npm_lifecycle",
  "npm_command",
  "npm_execpath",
  "npm_node_execpath",
  "npm_config_prefix",
  "npm_config_local_prefix",
  "npm_config_global_prefix",
  "INIT_CWD",
  "NODE",
  "VITEST",
  "ORRERY_",
  "DATABASE_URL",
  "PG",
];

/** Starts a command. */
export function startCommand({ command, args, directory, node }: CommandOptions): ChildProcess {
  const kept = Object.entries(process.env).filter(
    ([name]) => !foreignVariables.some((foreign) => name.startsWith(foreign)),
  );
  const runtime = dirname(node ?? process.execPath);
  const path = [runtime, process.env["PATH"]].join(delimiter);
  return spawn(command, args, {
    cwd: directory,
    env: { ...Object.fromEntries(kept), PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a command to its good end; anything else is an error that holds what it wrote. */
export async function runCommand(options: CommandOptions): Promise<CommandOutput> {
  const child = startCommand(options);
  const ended = once(child, "close");
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await ended;
  if (child.exitCode === 0) return { out, err };
  const line = [options.command, ...options.args].join(" ");
  throw new Error(`${line} in ${options.directory}: exit ${child.exitCode}\n${out}\n${err}`);
}

/** As npm words that it reached no registry, and what it wanted is not in its cache. */
const unreachable = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/;

/** Runs npm; what it has in its cache it does not ask the registry for. */
export async function runNpm(args: readonly string[], directory: string): Promise<CommandOutput> {
  try {
    return await runCommand({ command: "npm", args: [...args, "--prefer-offline"], directory });
  } catch (error) {
    if (!(error instanceof Error) || !unreachable.test(error.message)) throw error;
    throw new Error(
      "These tests install the package and its dependencies: they need a registry that npm " +
        `reaches, or all of it in npm's cache.\n${error.message}`,
      { cause: error },
    );
  }
}

/** A command that npm put into a project. */
export function binaryOf(project: string, name: string): string {
  return join(project, "node_modules", ".bin", name);
}

/** All text of a stream. */
async function textOf(stream: AsyncIterable<unknown> | null): Promise<string> {
  let text = "";
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}
