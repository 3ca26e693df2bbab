/** A gate for work in other processes: an address that answers when the test says so. */

import { createServer, type ServerResponse } from "node:http";

/** An address that lets everybody wait until the gate is opened. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** Answers all who wait, and from now on everybody at once. */
  open(): void;
}

/** Starts to listen. */
export async function closedGate(): Promise<Gate> {
  const waiting = new Set<ServerResponse>();
  let isOpen = false;
  const server = createServer((_request, response) => {
    if (isOpen) response.end("open");
    else waiting.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a port was asked for");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    open: () => {
      isOpen = true;
      for (const response of waiting) response.end("open");
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
