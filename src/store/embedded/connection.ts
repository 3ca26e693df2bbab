/** How clients reach a server through its socket, and whether it answers. */

import { connect } from "node:net";

import { Client } from "pg";

import { superuser } from "./cluster.ts";

/** The database that every cluster has. */
const databaseName = "postgres";

/** A server that is there answers at once or says why not. */
const answerMsMax = 5_000;

/**
 * The address of a server with its socket in `directory`, for `pg` and for libpq. Port and TLS are
 * spelled out, since PGPORT and PGSSLMODE in the environment would change them.
 */
export function connectionStringFor(directory: string): string {
  const host = encodeURIComponent(directory);
  return `postgresql://${superuser}@/${databaseName}?host=${host}&port=5432&sslmode=disable`;
}

/** Whether the server accepts connections; false while it starts, recovers or is not there. */
export async function isAnswering(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: answerMsMax });
  // A server that ends while we ask; the outcome below says the same.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    // ENOENT or ECONNREFUSED: not yet there; 57P03: starting up. All mean: ask again.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether anybody listens on the socket at `path`. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
