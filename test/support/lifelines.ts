/** Tells a test of a process's end without asking again and again: by the end of its connection. */

import { createServer } from "node:net";

/** A process that has connected. */
export interface Lifeline {
  readonly pid: number;
  /** Resolves when the process is gone, however it went. */
  readonly ended: Promise<void>;
}

/** Where processes connect. */
export interface Lifelines extends AsyncDisposable {
  readonly port: number;
  /** The next process that connects. */
  readonly next: () => Promise<Lifeline>;
}

/** Listens on a free port of the loopback. */
export async function openLifelines(): Promise<Lifelines> {
  const arrived: Lifeline[] = [];
  const waiting: ((lifeline: Lifeline) => void)[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const ended = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.once("data", (bytes) => {
      const lifeline = { pid: Number(bytes.toString()), ended };
      const taker = waiting.shift();
      if (taker === undefined) arrived.push(lifeline);
      else taker(lifeline);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    next: () =>
      new Promise((resolve) => {
        const lifeline = arrived.shift();
        if (lifeline === undefined) waiting.push(resolve);
        else resolve(lifeline);
      }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
