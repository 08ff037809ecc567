import { SessionExpired, type ZooKeeperClient } from './client.js';

/**
 * A session for reading that is opened when it is first needed, and again if opening failed or the session expired: a
 * restart of ZooKeeper may outlast its timeout.
 */
export class RenewedSession {
  readonly #open: () => Promise<ZooKeeperClient>;
  #session: Promise<ZooKeeperClient> | undefined;

  /** @param open opens a session. Its errors are those of the read that needed it. */
  constructor(open: () => Promise<ZooKeeperClient>) {
    this.#open = open;
  }

  /** Reads; once again with another session if this one has expired. */
  async read<T>(read: (client: ZooKeeperClient) => Promise<T>): Promise<T> {
    const session = this.#session ?? this.#renew();
    try {
      return await read(await session);
    } catch (error) {
      if (!(error instanceof SessionExpired)) throw error;
      if (this.#session === session) this.#session = undefined;
      return read(await (this.#session ?? this.#renew()));
    }
  }

  /** Closes the session. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // A session that was never established has nothing to close; its callers got the error.
    const client = await session?.catch(() => undefined);
    await client?.close();
  }

  #renew(): Promise<ZooKeeperClient> {
    const opening: Promise<ZooKeeperClient> = this.#open().catch((error: unknown) => {
      if (this.#session === opening) this.#session = undefined;
      throw error;
    });
    this.#session = opening;
    return opening;
  }
}
