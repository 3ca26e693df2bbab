/** Many at once: four callers that choose, and everybody else at work beside them. */

import type pg from "pg";
import { formatInstant, instantFromMillis } from "orrery/swh";

import { rotated } from "../statistics.ts";
import type { Ground } from "./grabs.ts";
import { policyNames, sortKeysOfText, sortKeysText } from "./reference.ts";
import type { ListingKey, Side } from "./sides.ts";
import { selectionValues } from "./sides.ts";

/** Callers that choose side by side. */
const callerCount = 4;

/** Origins of one call and calls of each caller; the peer's are as long as many of ours. */
export interface CrowdAmount {
  readonly counts: readonly number[];
  readonly calls: { readonly ours: number; readonly reference: number };
}

/** Callers side by side, by one policy; notes milliseconds for a thousand different origins. */
export async function measureCrowd(
  ground: Ground,
  references: readonly Side[],
  { counts, calls, round }: CrowdAmount & { readonly round: number },
): Promise<void> {
  const { stage, samples, chosen } = ground;
  const policy = policyNames[round % policyNames.length] ?? "";
  const crowds = [
    { callers: Array.from({ length: callerCount }, () => stage.ours), calls: calls.ours },
    { callers: references, calls: calls.reference },
  ];
  for (const count of counts) {
    for (const { callers, calls: each } of rotated(crowds, round)) {
      const readMeter = await stage.startMeter();
      const start = performance.now();
      const found = await Promise.all(
        callers.map(async (caller) => {
          const mine: (readonly ListingKey[])[] = [];
          for (let call = 0; call < each; call += 1) mine.push(await caller.grab(policy, count));
          return mine;
        }),
      );
      const wallMs = performance.now() - start;
      const { serverMs, clientMs, walBytes } = await readMeter();
      const isOurs = callers[0] === stage.ours;
      const given = found.flat();
      if (isOurs) for (const listings of given) chosen.note(listings);
      const names = new Set(given.flat().map(({ url, visitType }) => `${visitType} ${url}`));
      const share = 1_000 / names.size;
      samples.add(
        {
          size: stage.size,
          work: `${callerCount} callers, ${count}`,
          detail: "",
          side: isOurs ? "ours" : "reference",
        },
        {
          wallMs: wallMs * share,
          serverMs: serverMs * share,
          clientMs: clientMs * share,
          walBytes: walBytes * share,
        },
      );
    }
  }
}

/** The other connections of the peer that a crowd needs. */
export async function openCrowd({ stage }: Ground): Promise<readonly Side[]> {
  return await Promise.all(Array.from({ length: callerCount }, () => stage.anotherReference()));
}

/** What went wrong; all of it should be 0. */
export interface Faults {
  /** Origins that two calls were given within the cool-down. */
  readonly doubles: number;
  /** Calls that failed under mixed load, most of all those that waited for each other. */
  readonly failures: number;
  /** Choices whose sort keys are not those of the plain query. */
  readonly wrongKeys: number;
  /** Places that do not say what is known of their origin, after everything. */
  readonly wrongPlaces: number;
  /** How much was done meanwhile. */
  readonly calls: number;
  readonly choicesCompared: number;
}

/** Everybody at work at once for a while; answers how many calls there were and how many failed. */
export async function mixLoad(
  { stage, items, chosen }: Ground,
  durationMs: number,
): Promise<Pick<Faults, "calls" | "failures">> {
  const { ours } = stage;
  const ends = performance.now() + durationMs;
  let calls = 0;
  let failures = 0;
  const keepDoing = async (work: (call: number) => Promise<void>): Promise<void> => {
    for (let call = 0; performance.now() < ends; call += 1) {
      calls += 1;
      await work(call).catch((error: unknown) => {
        failures += 1;
        process.stderr.write(`under mixed load: ${String(error)}\n`);
      });
    }
  };
  await Promise.all([
    ...Array.from({ length: callerCount }, (_, caller) =>
      keepDoing(async (call) => {
        const policy = policyNames[(caller + call) % policyNames.length] ?? "";
        const found = await ours.grab(policy, call % 2 === 0 ? 100 : 1_000);
        chosen.note(found);
        // Half of them end while the others still choose.
        await ours.report(items.outcomes(found.slice(found.length / 2)));
      }),
    ),
    ...Array.from({ length: 2 }, () =>
      keepDoing(async () => {
        await ours.record(await items.relisted(1_000));
      }),
    ),
    keepDoing(async () => {
      await ours.report(await items.visited(1_000));
    }),
    keepDoing(async () => {
      await ours.countAll();
    }),
  ]);
  return { calls, failures };
}

/**
 * Chooses by each policy and compares the sort keys with those that the peer's own query finds in
 * our tables as they were before.
 */
export async function compareKeys(
  { stage, chosen }: Ground,
  count: number,
): Promise<Pick<Faults, "choicesCompared" | "wrongKeys">> {
  const { truth, ours } = stage;
  let wrongKeys = 0;
  for (const policy of policyNames) {
    await truth.query("begin isolation level repeatable read");
    const at = instantFromMillis(Date.now());
    const wanted = await keysOf(truth, sortKeysText(policy), selectionValues(policy, count, at));
    const found = await ours.grab(policy, count, at);
    chosen.note(found);
    const keys = await keysOf(truth, sortKeysOfText(policy), [
      found.map(({ listerId }) => listerId),
      found.map(({ url }) => url),
      found.map(({ visitType }) => visitType),
    ]);
    await truth.query("commit");
    if (keys.join("\n") !== wanted.join("\n")) {
      wrongKeys += 1;
      process.stderr.write(`${policy} at ${formatInstant(at)}: other keys than the plain query\n`);
    }
  }
  return { choicesCompared: policyNames.length, wrongKeys };
}

async function keysOf(client: pg.Client, text: string, values: unknown[]): Promise<string[]> {
  const found = await client.query<{ key: string }>(text, values);
  return found.rows.map(({ key }) => key);
}

/** Places that differ from what is true of their listing and origin. */
export async function countWrongPlaces({ stage: { truth, schema } }: Ground): Promise<number> {
  const columns = `origin_id, lister_id, type_id, first_seen_at, last_update_at,
    last_successful_at, last_visit_at, last_scheduled_at, queue_position, last_visit_status,
    has_snapshot`;
  const answer = await truth.query<{ wrong: string }>(
    `with place as (
       select ${columns} from ${schema}.frontier
       union all
       select ${columns} from ${schema}.frontier_cooling
     ),
     known as (
       select origin_id, lister_id, listing.type_id, first_seen_at, last_update_at,
         last_successful_at, last_visit_at, last_scheduled_at, queue_position, last_visit_status,
         last_snapshot is not null
       from ${schema}.listing join ${schema}.origin on origin.id = listing.origin_id
       where enabled
     )
     select (select count(*) from (table place except all table known) as stray)
       + (select count(*) from (table known except all table place) as missing) as wrong`,
  );
  return Number(answer.rows[0]?.wrong);
}
