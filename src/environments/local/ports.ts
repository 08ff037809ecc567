import { createServer, type Server } from 'node:net';
import { EnvironmentError } from '../../errors.js';

/**
 * Below the ephemeral range of Linux (32768-60999): a client that reconnects to a dead port inside that range can be
 * given that very port as its own, and so connect to itself and keep the port (docs/behaviour.md#ports).
 */
const LOWEST = 10_000;
const HIGHEST = 32_767;
const ATTEMPTS = 200;

/** Binds a port and refuses connections; undefined if the port is in use. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });
}

/**
 * Hands out free ports of 127.0.0.1, each once. The runs of one process share one object, so that they do not choose
 * the same port. A port stays bound until its node is started, so that no other process can take it.
 */
export class Ports {
  readonly #held = new Map<number, Server | undefined>();

  /**
   * @returns a random port that no other process can take before `unbind`.
   * @throws EnvironmentError when none is found.
   */
  async next(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
      if (this.#held.has(port)) continue;
      this.#held.set(port, undefined);
      const server = await hold(port);
      if (server !== undefined) {
        server.unref();
        this.#held.set(port, server);
        return port;
      }
      this.#held.delete(port);
    }
    throw new EnvironmentError(
      `No free port on 127.0.0.1 between ${LOWEST} and ${HIGHEST} was found in ${ATTEMPTS} attempts. Close programs that use many ports.`,
    );
  }

  /** Unbinds ports for the node that is about to bind them. Does nothing for ports that are unbound already. */
  async unbind(ports: Iterable<number>): Promise<void> {
    await Promise.all(
      [...ports].map(async (port) => {
        const server = this.#held.get(port);
        if (server === undefined) return;
        this.#held.set(port, undefined);
        await new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  /** Frees ports at the end of their run. */
  async release(ports: Iterable<number>): Promise<void> {
    const own = [...ports];
    await this.unbind(own);
    for (const port of own) this.#held.delete(port);
  }
}
