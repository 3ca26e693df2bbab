/** Filling tables by the million: without their indexes, which are built afterwards. */

import type pg from "pg";

interface Definition {
  readonly of: string;
  readonly name: string;
  readonly definition: string;
}

/** Runs `fill` while tables, named with their schema, have neither keys nor indexes. */
export async function withoutIndexes(
  client: pg.Client,
  tables: readonly string[],
  fill: () => Promise<void>,
): Promise<void> {
  // References last: they lean on keys.
  const keys = await client.query<Definition>(
    `select conrelid::regclass::text as of, quote_ident(conname) as name,
       pg_get_constraintdef(oid) as definition
     from pg_constraint
     where contype in ('p', 'u', 'f') and conrelid = any ($1::regclass[])
     order by contype = 'f'`,
    [tables],
  );
  for (const { of, name } of keys.rows.toReversed()) {
    await client.query(`alter table ${of} drop constraint ${name}`);
  }
  const indexes = await client.query<Definition>(
    `select indrelid::regclass::text as of, indexrelid::regclass::text as name,
       pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = any ($1::regclass[])`,
    [tables],
  );
  for (const { name } of indexes.rows) await client.query(`drop index ${name}`);
  await fill();
  for (const { of, name, definition } of keys.rows) {
    await client.query(`alter table ${of} add constraint ${name} ${definition}`);
  }
  for (const { definition } of indexes.rows) await client.query(definition);
}
