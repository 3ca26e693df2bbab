/**
 * A migrated schema as one page of SQL, read from PostgreSQL's own catalogue: the same text from
 * every version of the server, so that it can be committed and compared. Data is left out, and so
 * are partitions by day, which come and go.
 */

import type { Client } from "pg";

/** One row of the catalogue. */
type CatalogueRow = Readonly<Record<string, string | null>>;

const heading = `-- The schema that the migrations make, for reading; by tools/generate-schema.ts.
-- Constraints and indexes of partitions are those of their parents.`;

/** Columns of a line at most. */
const columnMax = 100;

/** Enums with their words in order. */
const enumsSql = `select format('create type %I as enum (%s);', typname,
    (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
      from pg_enum where enumtypid = pg_type.oid)) as sql
  from pg_type
  where typnamespace = current_schema()::regnamespace and typtype = 'e'
  order by typname`;

/** Sequences that belong to no column. */
const sequencesSql = `select format('create sequence %I;', relname) as sql
  from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'S'
    and not exists (select from pg_depend
      where objid = pg_class.oid and classid = 'pg_class'::regclass and deptype in ('a', 'i'))
  order by relname`;

/** Tables with what stands behind their columns; partitions after their parents. */
const tablesSql = `with recursive tree as (
    select oid, relname::text as path
    from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition
    union all
    select child.oid, tree.path || '/' || child.relname
    from tree
    join pg_inherits on inhparent = tree.oid
    join pg_class child on child.oid = inhrelid and child.relkind in ('r', 'p')
  )
  select pg_class.oid::text, quote_ident(relname) as name,
    (select quote_ident(parent.relname) from pg_inherits
      join pg_class parent on parent.oid = inhparent where inhrelid = pg_class.oid) as parent,
    pg_get_expr(relpartbound, pg_class.oid) as bound,
    case relkind when 'p' then pg_get_partkeydef(pg_class.oid) end as key,
    array_to_string(reloptions, ', ') as options
  from tree
  join pg_class using (oid)
  where relname !~ '_[0-9]{8}$'
  order by path`;

const columnsSql = `select quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
    || case when attidentity <> '' then ' generated always as identity' else '' end
    || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
    || case when attnotnull then ' not null' else '' end as sql
  from pg_attribute
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = $1::oid and attnum > 0 and not attisdropped
  order by attnum`;

/** Without those that say "not null", which newer servers list here as well. */
const constraintsSql = `select 'constraint ' || quote_ident(conname) || ' '
    || pg_get_constraintdef(oid) as sql
  from pg_constraint
  where conrelid = $1::oid and contype in ('p', 'u', 'f', 'c')
  order by position(contype::text in 'pufc'), conname`;

/** Without those that a constraint made. */
const indexesSql = `select pg_get_indexdef(indexrelid) || ';' as sql
  from pg_index
  where indrelid = $1::oid
    and not exists (select from pg_constraint where conindid = indexrelid)
  order by indexrelid::regclass::text`;

const functionsSql = `select pg_get_functiondef(oid) || ';' as sql
  from pg_proc
  where pronamespace = current_schema()::regnamespace and prokind = 'f'
  order by proname`;

/**
 * Reads the schema on the client's connection; afterwards that is the client's search path.
 */
export async function dumpSchema(client: Client, schema: string): Promise<string> {
  // Names of the schema itself then come without it.
  await client.query("select set_config('search_path', $1, false)", [schema]);
  const parts = [
    heading,
    (await texts(client, enumsSql)).join("\n"),
    (await texts(client, sequencesSql)).join("\n"),
  ];
  const { rows: tables } = await client.query<CatalogueRow>(tablesSql);
  for (const table of tables) parts.push(await tableText(client, table));
  parts.push(...(await texts(client, functionsSql)));
  const lines = parts.join("\n\n").split("\n");
  return `${lines.map((line) => folded(line.trimEnd())).join("\n")}\n`;
}

/** A long line, broken where words end; the catalogue writes each rule on one. */
function folded(line: string): string {
  if (line.length <= columnMax) return line;
  const end = line.lastIndexOf(" ", columnMax);
  const indent = `${/^ */.exec(line)?.[0] ?? ""}  `;
  if (end <= indent.length) return line;
  return `${line.slice(0, end)}\n${folded(`${indent}${line.slice(end + 1)}`)}`;
}

async function tableText(client: Client, table: CatalogueRow): Promise<string> {
  const { oid = null, name = null, parent = null, bound = null, key = null } = table;
  const by = key === null ? "" : ` partition by ${key}`;
  if (parent !== null) return `create table ${name} partition of ${parent} ${bound}${by};`;
  const columns = await texts(client, columnsSql, [oid]);
  const constraints = await texts(client, constraintsSql, [oid]);
  const options = table["options"] ?? null;
  const body = [...columns, ...constraints].map((line) => `  ${line}`).join(",\n");
  const settings = options === null || options === "" ? "" : ` with (${options})`;
  const indexes = await texts(client, indexesSql, [oid]);
  return [`create table ${name} (\n${body}\n)${by}${settings};`, ...indexes].join("\n");
}

async function texts(
  client: Client,
  sql: string,
  parameters: readonly (string | null)[] = [],
): Promise<readonly string[]> {
  const { rows } = await client.query<CatalogueRow>(sql, [...parameters]);
  return rows.map((row) => row["sql"] ?? "");
}
