/** Two schemas of one database with the same origins: the product's own, and the peer's. */

import { strict as assert } from "node:assert";

import { Orrery } from "orrery";
import pg from "pg";

import { type Cost, startMeter } from "../meter.ts";
import type { Server } from "../postgres-server.ts";
import { withoutIndexes } from "./bulk-fill.ts";
import { referenceSchema } from "./reference.ts";
import { ourSide, referenceSide, type Side } from "./sides.ts";
import { fillOurs, fillReference, truthViews, worldText } from "./world.ts";

/** The stage, with everything on it that a measurement needs. */
export interface Stage extends AsyncDisposable {
  /** Origins on each side. */
  readonly size: number;
  readonly url: string;
  readonly schema: string;
  readonly orrery: Orrery;
  readonly ours: Side;
  readonly reference: Side;
  /** Another connection of the peer's, for a caller beside others. */
  readonly anotherReference: () => Promise<Side>;
  /** Reads the table `world`, also for many at once. */
  readonly world: pg.Pool;
  /** Asks the peer's questions of our tables. */
  readonly truth: pg.Client;
  readonly startMeter: () => Promise<() => Promise<Cost>>;
}

/** Makes both sides, each with `size` origins. */
export async function openStage(server: Server, size: number): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const url = server.urlOf("postgres");
  const connections: pg.Client[] = [];
  const connect = async (searchPath: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    connections.push(client);
    await client.query("select set_config('search_path', $1, false)", [searchPath]);
    return client;
  };
  stack.defer(async () => {
    await Promise.all(connections.map((client) => client.end()));
  });
  const schema = `orrery_${size}`;
  const peer = `reference_${size}`;
  const world = `world_${size}`;
  // Its loops run, as they do beside any server: they add up the counts.
  const orrery = stack.use(
    await Orrery.open({ databaseUrl: url, schema, worker: false, fire: true }),
  );
  const observer = await connect(world);
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${world}` });
  stack.defer(() => pool.end());
  await observer.query(
    `create schema ${world}; create schema ${peer}; create schema truth_${size}`,
  );
  await observer.query(worldText.replaceAll("$1", String(size)));
  const client = await connect(`${peer}, ${world}`);
  await client.query(referenceSchema);
  await fill(client, fillReference, [`${peer}.listed_origins`, `${peer}.origin_visit_stats`]);
  const filler = await connect(`${schema}, ${world}`);
  const tables = ["origin", "listing", "frontier", "frontier_cooling"];
  await fill(
    filler,
    fillOurs,
    tables.map((table) => `${schema}.${table}`),
  );
  const truth = await connect(`truth_${size}, ${schema}`);
  for (const view of truthViews) await truth.query(view);
  await observer.query("vacuum (analyze)");
  await observer.query("checkpoint");
  const opened = stack.move();
  return {
    size,
    url,
    schema,
    orrery,
    ours: ourSide(orrery.swh),
    reference: referenceSide(client),
    anotherReference: async () => referenceSide(await connect(peer)),
    world: pool,
    truth,
    startMeter: () => startMeter({ serverPids: [server.pid], observer }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Fills tables by statements; `tables` are the large ones. */
async function fill(
  client: pg.Client,
  statements: readonly string[],
  tables: readonly string[],
): Promise<void> {
  await client.query("set maintenance_work_mem = '512MB'; set work_mem = '256MB'");
  await withoutIndexes(client, tables, async () => {
    for (const text of statements) await client.query(text);
  });
  await client.query("reset maintenance_work_mem; reset work_mem");
  const filled = await client.query(`select from ${tables[0] ?? ""} limit 1`);
  assert.equal(filled.rows.length, 1, "nothing was filled in");
}
