/** For those who watch the process: is it alive, is it of use, how is it doing. */

import type { SystemRecord } from "../api/records.ts";
import type { Scheduler } from "../api/scheduler.ts";
import type { Surface, SurfaceRequest, SurfaceResponse } from "../api/surface.ts";
import { type Clock, delay } from "../kernel/clock.ts";
import { type OrreryError, StoreError } from "../kernel/errors.ts";
import { errorResponseOf } from "./error-reply.ts";
import { getOnly } from "./get-only.ts";
import type { Metrics } from "./metrics.ts";

/** Milliseconds that the database has for its answer; probes of others give up after a few s. */
const answerMs = 2_000;

/** What the probes look at. */
export interface ProbeOptions {
  readonly scheduler: Pick<Scheduler, "getSystem">;
  readonly clock: Clock;
  readonly version: string;
  readonly metrics: Metrics;
  /** Why the server takes no more requests; undefined while it does. */
  readonly stopping: () => OrreryError | undefined;
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function createProbes(options: ProbeOptions): readonly Surface[] {
  const { version, metrics } = options;
  return [
    probe("/healthz", async () => json(200, { status: "alive", version })),
    probe("/readyz", () => readiness(options)),
    {
      ...probe("/metrics", async (request) => ({
        status: 200,
        headers: { "content-type": metrics.contentType },
        body: await metrics.render(await systemOrNothing(options, request.signal)),
      })),
      role: "viewer",
    },
  ];
}

function probe(
  prefix: string,
  answer: (request: SurfaceRequest) => Promise<SurfaceResponse>,
): Surface {
  return {
    prefix,
    role: null,
    handle: async (request) => (request.path === "" ? getOnly(request, answer) : undefined),
  };
}

/** Ready means that the database answers, in the schema that this release knows. */
async function readiness(options: ProbeOptions): Promise<SurfaceResponse> {
  const stopping = options.stopping();
  if (stopping !== undefined) return errorResponseOf(stopping);
  try {
    const { version, database } = await systemInTime(options);
    return json(200, { status: "ready", version, migration: database.migration });
  } catch (error) {
    const { headers, body } = errorResponseOf(error);
    return { status: 503, headers, body };
  }
}

async function systemOrNothing(
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<SystemRecord | undefined> {
  if (signal.aborted) return undefined;
  try {
    return await systemInTime(options);
  } catch {
    // Metrics of the process are wanted most when the database is away; a gauge tells that it is.
    return undefined;
  }
}

async function systemInTime({ scheduler, clock }: ProbeOptions): Promise<SystemRecord> {
  const answered = new AbortController();
  const late = delay(clock, answerMs, answered.signal).then(() => {
    throw new StoreError(
      "ORR_STORE_UNAVAILABLE",
      `the database did not answer within ${answerMs} ms`,
      { transient: true },
    );
  });
  try {
    return await Promise.race([scheduler.getSystem(), late]);
  } finally {
    late.catch(() => undefined);
    answered.abort();
  }
}

function json(status: number, body: Readonly<Record<string, string>>): SurfaceResponse {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status, headers, body: JSON.stringify(body) };
}
