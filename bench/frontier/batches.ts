/** Batches of a thousand, and counts: what listers, visits and operators write and ask for. */

import { strict as assert } from "node:assert";

import type { NewListedOrigin } from "orrery/swh";

import { rotated } from "../statistics.ts";
import type { Ground } from "./grabs.ts";
import type { Side } from "./sides.ts";

/** Items of a batch. */
const batchSize = 1_000;

/** Batches of each kind by each side, in turn. `remote` is ours behind its server. */
export async function measureBatches(
  { stage, items, samples }: Ground,
  {
    round,
    batchCount,
    remote,
  }: {
    readonly round: number;
    readonly batchCount: number;
    readonly remote: Side | undefined;
  },
): Promise<void> {
  const direct: readonly Side[] = [stage.ours, stage.reference];
  const behindServer = remote === undefined ? [] : [{ ...remote, name: "ours, HTTP" }];
  for (let batch = 0; batch < batchCount; batch += 1) {
    const turn = round + batch;
    const stats = await items.visited(batchSize);
    for (const side of rotated(direct, turn)) {
      const subject = { work: "visit stats", detail: "", side: side.name };
      await samples.time(stage, subject, () => side.report(stats));
    }
    for (const side of rotated([...direct, ...behindServer], turn)) {
      // Each its own, so that none finds pages or changes that another has left.
      await recordOne(side, "re-listing", await items.relisted(batchSize));
      await recordOne(side, "all new", items.allNew(batchSize));
    }
  }

  async function recordOne(
    side: Pick<Side, "record"> & { readonly name: string },
    work: string,
    listed: readonly NewListedOrigin[],
  ): Promise<void> {
    const subject = { work, detail: "", side: side.name };
    const recorded = await samples.time(stage, subject, () => side.record(listed));
    assert.equal(recorded, batchSize);
  }
}

/** Counts for all listers. */
export async function measureCounts({ stage, samples }: Ground, round: number): Promise<void> {
  for (const side of rotated([stage.ours, stage.reference], round)) {
    const subject = { work: "metrics", detail: "", side: side.name };
    await samples.time(stage, subject, () => side.countAll());
  }
}

/** Whether what ours has added up is what a full count of its tables says. */
export async function countsAreRight({ stage: { ours, truth } }: Ground): Promise<boolean> {
  const counted = await truth.query<{ line: string }>(
    `select concat_ws(' ', lister_id, visit_type, count(*), count(*) filter (where enabled),
       count(*) filter (where enabled and last_snapshot is null),
       count(*) filter (where enabled and last_update > last_successful)) as line
     from listed_origins left join origin_visit_stats using (url, visit_type)
     group by lister_id, visit_type`,
  );
  const right = counted.rows.map(({ line }) => line).toSorted();
  return right.join("\n") === (await ours.countAll()).join("\n");
}
