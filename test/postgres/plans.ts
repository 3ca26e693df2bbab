/** Plans of our statements as the server makes them, and the tables that they read whole. */

import type { Client } from "pg";

import { sessionSettings } from "../../src/store/session-settings.ts";
import type { Statement } from "../../src/store/statement.ts";

/** A node of a plan, as `explain` tells it. */
export interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Total Cost": number;
  /** From PostgreSQL 18 on. */
  readonly Disabled?: boolean;
  readonly Plans?: readonly PlanNode[];
}

/** Tables read whole, by statement. */
export type WholeReads = Readonly<Record<string, readonly string[]>>;

/** Sets a connection as those of the store are, with plans for any parameters. */
export async function setAsStore(client: Client): Promise<void> {
  for (const [name, value] of Object.entries(sessionSettings)) {
    await client.query("select set_config($1, $2, false)", [name, value]);
  }
  await client.query("set plan_cache_mode = force_generic_plan");
}

/**
 * The server's plan as the list of its nodes, parents first: for any parameters, or for those that
 * are given, as SQL.
 */
export async function planOf(
  client: Client,
  statement: Statement<unknown>,
  given: readonly string[] = [],
): Promise<readonly PlanNode[]> {
  const name = `plan_${statement.name}`;
  await client.query(`prepare ${name} as ${statement.text.replaceAll("{schema}", "orrery")}`);
  const counted = await client.query<{ count: number }>(
    "select cardinality(parameter_types) as count from pg_prepared_statements where name = $1",
    [name],
  );
  const count = counted.rows[0]?.count ?? 0;
  const values = Array.from({ length: count }, (_, place) => given[place] ?? "null");
  const explained = await client.query<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(
    `explain (format json) execute ${name}${count === 0 ? "" : `(${values.join(", ")})`}`,
  );
  await client.query(`deallocate ${name}`);
  const roots = explained.rows[0]?.["QUERY PLAN"].map(({ Plan }) => Plan) ?? [];
  const nodes = [...roots];
  for (const node of nodes) nodes.push(...(node.Plans ?? []));
  return nodes;
}

/** Nodes that read one of the `large` tables from end to end, also by way of an index. */
export function wholeReads(nodes: readonly PlanNode[], large: RegExp): readonly string[] {
  return nodes
    .filter((node) => large.test(node["Relation Name"] ?? ""))
    .filter((node) => node["Node Type"] === "Seq Scan" || isUnbounded(node))
    .map((node) => `${node["Node Type"]} on ${node["Relation Name"]}`);
}

function isUnbounded(node: PlanNode): boolean {
  return /^Index (Only )?Scan$/.test(node["Node Type"]) && node["Index Cond"] === undefined;
}

/** Those of many statements. */
export async function allWholeReads(
  client: Client,
  statements: readonly Statement<unknown>[],
  large: RegExp,
): Promise<WholeReads> {
  const found: Record<string, readonly string[]> = {};
  for (const statement of statements) {
    const reads = wholeReads(await planOf(client, statement), large);
    if (reads.length > 0) found[statement.name] = reads;
  }
  return found;
}

/** Whether the plan has a node of a kind that our sessions switch off. */
export function isNeedy(nodes: readonly PlanNode[]): boolean {
  // Before PostgreSQL 18 such a node is one that costs 10,000,000,000 and more.
  return nodes.some((node) => node.Disabled === true || node["Total Cost"] > 1e10);
}
