/**
 * Stands between a process and PostgreSQL and breaks connections where a test wants it: before a
 * message reaches the server, or after the server has done what it was asked and before its answer.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

/** A way to the database that can be broken. */
export class SeveringProxy implements AsyncDisposable {
  readonly connectionString: string;
  readonly #directory: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  #isAnswering = true;
  #messagesLeft = Number.POSITIVE_INFINITY;
  #onStalled: (() => void) | undefined;

  private constructor(target: Client, directory: string) {
    this.#directory = directory;
    this.#server = createServer((client) => this.#join(client, connectTo(target)));
    const { user = "", database = "", password } = target;
    const secret = typeof password === "string" ? `:${encodeURIComponent(password)}` : "";
    const host = encodeURIComponent(directory);
    this.connectionString =
      `postgresql://${encodeURIComponent(user)}${secret}@/${database}` +
      `?host=${host}&port=5432&sslmode=disable`;
  }

  /** Listens in a directory of its own. */
  static async open(connectionString: string): Promise<SeveringProxy> {
    const directory = await mkdtemp(join(tmpdir(), "orrery-proxy-"));
    const proxy = new SeveringProxy(new Client({ connectionString }), directory);
    const path = join(directory, ".s.PGSQL.5432");
    await new Promise<void>((resolve) => proxy.#server.listen(path, resolve));
    return proxy;
  }

  /** From now on answers are lost on the way. */
  swallowAnswers(): void {
    this.#isAnswering = false;
  }

  /** Breaks all connections; new ones work. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isAnswering = true;
    this.#messagesLeft = Number.POSITIVE_INFINITY;
  }

  /** Resolves when the client has sent so many messages; that one and later ones do not arrive. */
  async stallsAt(messageCount: number): Promise<void> {
    this.#messagesLeft = messageCount;
    await new Promise<void>((resolve) => {
      this.#onStalled = resolve;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true, force: true });
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      // Whatever breaks one side breaks the other.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (data) => {
      this.#messagesLeft -= 1;
      if (this.#messagesLeft > 0) server.write(data);
      else this.#onStalled?.();
    });
    server.on("data", (data) => {
      if (this.#isAnswering) client.write(data);
    });
  }
}

function connectTo({ host, port }: Client): Socket {
  return host.startsWith("/") ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host);
}
