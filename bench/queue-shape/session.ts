/** Connections of the bench: pipelined, named statements, values left as PostgreSQL wrote them. */

import pg from "pg";

/** `timestamptz`: kept as text, because a JavaScript `Date` would drop the microseconds. */
const timestamptzOid = 1184;

const textTypes = new pg.TypeOverrides();
textTypes.setTypeParser(timestamptzOid, (text: string) => text);

/** A statement that each connection prepares once under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Opens a connection over the unix socket in `host`. Queries may be sent before the answers to
 * earlier ones are in; the server works them off in order.
 */
export async function connect(host: string): Promise<pg.Client> {
  const client = new pg.Client({
    host,
    user: "postgres",
    database: "postgres",
    types: textTypes,
    pipeline: true,
  });
  await client.connect();
  return client;
}
