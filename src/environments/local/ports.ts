import { createServer } from 'node:net';
import { EnvironmentError } from '../../errors.js';

/**
 * Below the ephemeral range of Linux (32768-60999): a client that reconnects to a dead port inside that range can be
 * given the same port as its own and so connect to itself and hold it (docs/behaviour.md#ports).
 */
const LOWEST = 10_000;
const HIGHEST = 32_767;
const ATTEMPTS = 200;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Hands out free ports of 127.0.0.1, each once. Runs of one process share one, so that they don't pick the same. */
export class Ports {
  readonly #taken = new Set<number>();

  /**
   * @returns a port that was free a moment ago, drawn at random so that other processes that do the same rarely collide.
   * @throws EnvironmentError when none is found.
   */
  async next(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if (await isFree(port)) return port;
      this.#taken.delete(port);
    }
    throw new EnvironmentError(
      `no free port of 127.0.0.1 between ${LOWEST} and ${HIGHEST} after ${ATTEMPTS} attempts: is something holding them all?`,
    );
  }

  /** Gives ports back when their run is over. */
  release(ports: Iterable<number>): void {
    for (const port of ports) this.#taken.delete(port);
  }
}
