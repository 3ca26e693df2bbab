/**
 * The loop around a shape's statements: enqueue in batches, claim and complete until nothing is
 * left. One for all shapes, so that only the SQL differs.
 */

import { strict as assert } from "node:assert";

import type pg from "pg";

import { noOp } from "./handler.ts";
import type { ClaimedRow, Job, Shape } from "./shape.ts";

/** Jobs of one statement. */
export const batchSize = 500;

/** Connections of one worker process. */
export const connectionCount = 2;

/** 1 runs first. */
const priorities = [1, 2, 3] as const;

/** Length of a lease in seconds; nothing expires unless a scenario says so. */
const leaseSeconds = 60;

/** How often a drain may find nothing, although jobs are missing, before it is a failure. */
const emptyClaimsMax = 1000;

/** States as the outcome column takes them: the variants differ in its type. */
export interface OutcomeWord {
  readonly succeeded: string;
}

/** `count` jobs spread over types, priorities, retention classes and 20,000 tasks. */
export function makeJobs(count: number, taskTypeCount: number): Job[] {
  return Array.from({ length: count }, (_, index) => ({
    // A stride prime to the count of tasks: neighbours in the queue are strangers in the index.
    task_id: (index * 7919) % 20_000,
    task_type_id: 1 + (index % taskTypeCount),
    priority: 1 + (Math.floor(index / taskTypeCount) % priorities.length),
    retention_class: index % 2,
    payload: { url: `https://example.org/origin/${index}`, kind: "git", attempt: index % 7 },
  }));
}

/** The jobs as one jsonb text per batch; made before the clock starts. */
export function encodeBatches(jobs: readonly Job[]): string[] {
  const batches: string[] = [];
  for (let start = 0; start < jobs.length; start += batchSize) {
    batches.push(JSON.stringify(jobs.slice(start, start + batchSize)));
  }
  return batches;
}

/** Enqueues batch after batch, each in its own transaction. */
export async function enqueueAll(
  client: pg.Client,
  shape: Shape,
  batches: readonly string[],
): Promise<void> {
  for (const batch of batches) await client.query({ ...shape.enqueue, values: [batch] });
}

/** What a drain needs to know besides the shape. */
export interface DrainOptions {
  readonly clients: readonly pg.Client[];
  /** Jobs expected; the drain fails when they cannot be found. */
  readonly count: number;
  readonly taskTypeCount: number;
  readonly outcome: OutcomeWord;
}

/** Claims and completes on all connections until `count` jobs are completed. */
export async function drain(shape: Shape, options: DrainOptions): Promise<void> {
  const progress = { claimed: 0, completed: 0 };
  await Promise.all(
    options.clients.map((client, index) =>
      new Claimer(client, shape, { ...options, workerId: index + 1 }).run(progress),
    ),
  );
  assert.equal(progress.completed, options.count, `${shape.name}: completed jobs`);
}

/** Shared by the connections of one drain. */
interface Progress {
  claimed: number;
  completed: number;
}

/** One connection: the completion of a batch is sent behind the claim of the next. */
export class Claimer {
  readonly #client: pg.Client;
  readonly #shape: Shape;
  readonly #options: DrainOptions & { readonly workerId: number };
  readonly #bounds: LowerBounds;

  constructor(
    client: pg.Client,
    shape: Shape,
    options: DrainOptions & { readonly workerId: number },
  ) {
    this.#client = client;
    this.#shape = shape;
    this.#options = options;
    this.#bounds = new LowerBounds(options.taskTypeCount);
  }

  /** Works until all jobs have been claimed by somebody and its own are completed. */
  async run(progress: Progress): Promise<void> {
    let finished: ClaimedRow[] = [];
    let emptyClaims = 0;
    while (progress.claimed < this.#options.count || finished.length > 0) {
      const claiming = progress.claimed < this.#options.count ? this.claim(batchSize) : [];
      const completing = this.complete(finished);
      const rows = await claiming;
      progress.claimed += rows.length;
      if (rows.length === 0) {
        emptyClaims += 1;
        this.#bounds.forget();
      }
      assert.ok(emptyClaims <= emptyClaimsMax, `${this.#shape.name}: jobs cannot be found`);
      await Promise.all(rows.map((row) => noOp(row.payload)));
      // Awaited first: the other connection adds to the same sum meanwhile.
      const completed = await completing;
      progress.completed += completed;
      finished = rows;
    }
  }

  /** Claims up to `limit` jobs, in the order of the probes. */
  async claim(limit: number): Promise<ClaimedRow[]> {
    const probes = this.#bounds.probes();
    const answer = await this.#client.query<ClaimedRow>({
      ...this.#shape.claim,
      values: [
        probes.map((probe) => probe.taskTypeId),
        probes.map((probe) => probe.priority),
        probes.map((probe) => probe.dueAt),
        limit,
        leaseSeconds,
        this.#options.workerId,
      ],
    });
    this.#bounds.learn(answer.rows);
    return answer.rows;
  }

  /** Completes a claimed batch and answers how many rows accepted its fence. */
  async complete(rows: readonly ClaimedRow[]): Promise<number> {
    const fence = rows[0]?.fence;
    if (fence === undefined) return 0;
    const ids = rows.map((row) => Number(row.id)).toSorted((left, right) => left - right);
    const outcomes = ids.map(() => this.#options.outcome.succeeded);
    const answer = await this.#client.query<{ count: number }>({
      ...this.#shape.complete,
      values: [ids, outcomes, fence],
    });
    return answer.rows[0]?.count ?? 0;
  }
}

/** From where on one (type, priority) is scanned. */
interface Probe {
  readonly taskTypeId: number;
  readonly priority: number;
  dueAt: string;
}

/**
 * The oldest due time of the last batch, by (type, priority): entries before it are taken, and dead
 * until vacuum, which a pinned snapshot holds up. Forgotten when nothing is found, because late
 * commits and retries can lie before it.
 */
class LowerBounds {
  readonly #taskTypeCount: number;
  readonly #probes = new Map<string, Probe>();
  #rotation = 0;

  constructor(taskTypeCount: number) {
    this.#taskTypeCount = taskTypeCount;
    this.forget();
  }

  /** Scans everything from the beginning next time. */
  forget(): void {
    for (const priority of priorities) {
      for (let taskTypeId = 1; taskTypeId <= this.#taskTypeCount; taskTypeId += 1) {
        const probe = { taskTypeId, priority, dueAt: "-infinity" };
        this.#probes.set(`${taskTypeId} ${priority}`, probe);
      }
    }
  }

  /** All probes, better priorities first, the types of one priority from a rotating start. */
  probes(): Probe[] {
    this.#rotation = (this.#rotation + 1) % this.#taskTypeCount;
    const all = [...this.#probes.values()];
    return priorities.flatMap((_, level) => {
      const start = level * this.#taskTypeCount;
      const types = all.slice(start, start + this.#taskTypeCount);
      return [...types.slice(this.#rotation), ...types.slice(0, this.#rotation)];
    });
  }

  /** Remembers the oldest due time of each (type, priority) in the batch. */
  learn(rows: readonly ClaimedRow[]): void {
    const seen = new Set<Probe>();
    for (const row of rows) {
      const probe = this.#probes.get(`${row.task_type_id} ${row.priority}`);
      if (probe === undefined) continue;
      // Texts of one zone compare like the instants: "+" sorts before digits and the point.
      if (!seen.has(probe) || row.due_at < probe.dueAt) probe.dueAt = row.due_at;
      seen.add(probe);
    }
  }
}
