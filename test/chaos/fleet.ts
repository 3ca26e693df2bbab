/** Any number of processes of the fleet, killed and replaced. */

import { onTestFailed } from "vitest";

import { workerDefaults } from "../../src/app/worker-options.ts";
import { present } from "../../src/kernel/assert.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { ChildProgram } from "./child-program.ts";
import { until } from "./conditions.ts";
import type { Query } from "./run-audit.ts";
import type { FleetSettings } from "./worker-program.ts";

const heldRuns = `
select run.id from orrery.claim join orrery.run using (fence)
where claim.worker_id = $1 and run.state = 'running' limit 1`;

/** A process of the fleet. */
export class FleetProcess extends ChildProgram {
  /** Its row in the table of workers; undefined while it has none. */
  get workerId(): number | undefined {
    const id = this.told.find((line) => line.kind === "worker_started")?.["workerId"];
    return typeof id === "number" ? id : undefined;
  }

  /** Whether its loops run. */
  get isReady(): boolean {
    return this.isAlive && this.count("ready") > 0;
  }
}

/** Settings of workers as in life; a test says what is otherwise. */
export function fleetSettings(
  connectionString: string,
  worker: Partial<NonNullable<FleetSettings["worker"]>> | null = {},
): FleetSettings {
  return {
    connectionString,
    seed: 1,
    worker:
      worker === null
        ? null
        : { slotCount: 10, leaseMs: workerDefaults.leaseMs, pollMs: 200, ...worker },
    drainMs: 10_000,
  };
}

/** The processes; disposing of it kills them all. */
export class Fleet implements AsyncDisposable {
  readonly #settings: FleetSettings;
  readonly #rng: Rng;
  #processes: FleetProcess[] = [];
  readonly #ended: FleetProcess[] = [];

  constructor(settings: FleetSettings, rng: Rng) {
    this.#settings = settings;
    this.#rng = rng;
    onTestFailed(() => this.#report());
  }

  /** Those that have not been killed. */
  get processes(): readonly FleetProcess[] {
    return this.#processes;
  }

  /** All there have been. */
  get all(): readonly FleetProcess[] {
    return [...this.#ended, ...this.#processes];
  }

  /** Starts one more. */
  start(settings: Partial<FleetSettings> = {}): FleetProcess {
    const seed = integerBetween(this.#rng, 0, 2 ** 31);
    const process = new FleetProcess("worker-program.ts", {
      ...this.#settings,
      seed,
      ...settings,
    });
    this.#processes.push(process);
    return process;
  }

  /** Starts many; resolves when all are ready. */
  async startMany(count: number): Promise<void> {
    for (let started = 0; started < count; started += 1) this.start();
    await this.ready(count);
  }

  /** Resolves when so many are ready. */
  async ready(count: number): Promise<readonly FleetProcess[]> {
    return await until(
      () => {
        const dead = this.#processes.find((process) => !process.isAlive);
        // Its own wait says with what words it ended.
        if (dead !== undefined) return dead.hears(() => false, "being ready").then(() => []);
        const ready = this.#processes.filter((process) => process.isReady);
        return ready.length >= count && ready;
      },
      { what: `${count} ready processes`, withinMs: 60_000 },
    );
  }

  /** One of those that are ready, by chance. */
  async pick(): Promise<FleetProcess> {
    const ready = await this.ready(1);
    return present(ready[integerBetween(this.#rng, 0, ready.length - 1)], "a ready process");
  }

  /**
   * One of those that are ready and have a run in their hands, by chance. It is stopped, so that
   * nothing but a statement on its way can take the run from it before it is killed.
   */
  async seize(query: Query): Promise<FleetProcess> {
    const seized = async (): Promise<FleetProcess | false> => {
      const process = await this.pick();
      process.signal("SIGSTOP");
      await process.stopped();
      if ((await query(heldRuns, [process.workerId])).length > 0) return process;
      process.signal("SIGCONT");
      return false;
    };
    return await until(seized, { what: "a process at work", everyMs: 1 });
  }

  /** Kills one, and leaves it to the caller to replace it. */
  async kill(process: FleetProcess): Promise<void> {
    this.#processes = this.#processes.filter((each) => each !== process);
    this.#ended.push(process);
    await process.kill();
  }

  /** What went wrong in the processes, each complaint once. */
  #report(): void {
    const failures = this.all.flatMap(({ told }) =>
      told.flatMap((line) =>
        line.kind === "loop_failed" ? [`${String(line["loop"])}: ${String(line["error"])}`] : [],
      ),
    );
    console.error("failed turns of loops:", [...new Set(failures)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map(async (process) => await process.kill()));
  }
}
