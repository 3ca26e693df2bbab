/** Can a server listen where it is going to? */

import { createServer } from "node:net";
import { fine, type Finding, broken } from "./finding.ts";

/** Where a server is going to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The finding on an address of which it is known whether one of our servers answers there. */
export async function checkPort(address: Address, answers: boolean): Promise<Finding> {
  const place = `${address.host}:${address.port}`;
  if (answers) return fine("port", `an Orrery server answers at ${place}`);
  const problem = await listenProblem(address);
  if (problem === undefined) return fine("port", `${place} is free`);
  return broken("port", {
    message:
      problem === "EADDRINUSE"
        ? `${place} is taken by another program`
        : `cannot listen on ${place} (${problem})`,
    advice: "choose another one with --port or ORRERY_PORT",
  });
}

/** Listens for a moment; the code of the error, if there is one. */
function listenProblem({ host, port }: Address): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}
