/** The test's side of a child process: started, followed by what it tells, ordered, and killed. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { present } from "../../src/kernel/assert.ts";
import { compileCache } from "../support/compile-cache.ts";
import { until, within } from "./conditions.ts";
import { type Line, lineOf } from "./parent-lines.ts";
import { stateOf } from "./process-state.ts";

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Letters of the child's complaints that are kept for the error message. */
const complaintMax = 4_000;

/** A child process; disposing of it ends it with SIGKILL. */
export class ChildProgram implements AsyncDisposable {
  readonly pid: number;
  /** All that it has told. */
  readonly told: Line[] = [];
  readonly exited: Promise<ChildExit>;
  readonly #child: ChildProcess;
  readonly #looking = new Set<() => void>();
  #exit: ChildExit | undefined;
  #complaint = "";

  /** Starts `name`, a file of this folder. */
  constructor(name: string, settings: object) {
    const file = fileURLToPath(new URL(`./${name}`, import.meta.url));
    const args = ["--conditions=orrery-source", file, JSON.stringify(settings)];
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, ...compileCache },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.pid = present(this.#child.pid, "the child's process id");
    // EPIPE: it was killed with an order on the way.
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr?.on("data", (data: Buffer) => {
      this.#complaint = `${this.#complaint}${data.toString()}`.slice(-complaintMax);
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (text) => this.#hear(text));
    }
    this.exited = new Promise((resolve) => {
      // "close" and not "exit": by then all it told has been heard.
      this.#child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
        this.#wake();
      });
    });
  }

  /** Whether it has not ended, as far as we know. */
  get isAlive(): boolean {
    return this.#exit === undefined;
  }

  /** Resolves with the first line that is wanted, also of those that have been told. */
  async hears(wanted: (line: Line) => boolean, what: string, withinMs = 30_000): Promise<Line> {
    return await within(this.#first(wanted, what), { what: `${what} of ${this.pid}`, withinMs });
  }

  /** How many lines of a kind it has told. */
  count(kind: string): number {
    return this.told.filter((line) => line.kind === kind).length;
  }

  /** Sends an order. */
  order(line: Line): void {
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when the system has stopped it. */
  async stopped(): Promise<void> {
    await until(async () => (await stateOf(this.pid)) === "T", { what: `${this.pid} to stop` });
  }

  /** Ends it with SIGKILL; resolves when it has ended. */
  async kill(): Promise<ChildExit> {
    if (this.isAlive) this.#child.kill("SIGKILL");
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #first(wanted: (line: Line) => boolean, what: string): Promise<Line> {
    for (let seen = 0; ;) {
      for (; seen < this.told.length; seen += 1) {
        const line = this.told[seen];
        if (line !== undefined && wanted(line)) return line;
      }
      if (this.#exit !== undefined) {
        const { code, signal } = this.#exit;
        throw new Error(`ended (${code ?? signal}) before ${what}:\n${this.#complaint}`);
      }
      await new Promise<void>((resolve) => this.#looking.add(resolve));
    }
  }

  #hear(text: string): void {
    const line = lineOf(text);
    if (line === undefined) return;
    this.told.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#looking) look();
    this.#looking.clear();
  }
}
